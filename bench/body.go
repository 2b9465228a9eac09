package bench

import (
	"encoding/json"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/wire"
)

// body is a request in the web service's dialect: a sample for every row, or for every
// sequence where there are such.
func body(r *sampan.Request) ([]byte, error) {
	columns := make([][]sampan.Tensor, len(r.Inputs))
	for i := range r.Inputs {
		in := &r.Inputs[i]
		var err error
		if columns[i], err = samples(in.Tensor); err != nil {
			return nil, sampan.Errorf(sampan.CodeOf(err), "feed %q: %w", in.Public(), err)
		}
		if len(columns[i]) != len(columns[0]) {
			return nil, sampan.Errorf(sampan.InvalidArgument, "feed %q has %d samples, feed %q has %d",
				in.Public(), len(columns[i]), r.Inputs[0].Public(), len(columns[0]))
		}
	}
	// A result has the form of a sample, with the same numbers.
	feed := make([]json.RawMessage, len(columns[0]))
	for row := range feed {
		var o sampan.Output
		for i := range r.Inputs {
			o.Tensors = append(o.Tensors, sampan.Named{Alias: r.Inputs[i].Public(), Tensor: columns[i][row]})
		}
		text, err := wire.AppendResult(nil, &sampan.Reply{Outputs: []sampan.Output{o}})
		if err != nil {
			return nil, err
		}
		var result struct{ Result json.RawMessage }
		if err := json.Unmarshal(text, &result); err != nil {
			return nil, sampan.Errorf(sampan.Internal, "encode the feed: %w", err)
		}
		feed[row] = result.Result
	}
	text, err := json.Marshal(struct {
		Feed  []json.RawMessage `json:"feed"`
		Fetch []string          `json:"fetch"`
	}{feed, r.Outputs})
	if err != nil {
		return nil, sampan.Errorf(sampan.Internal, "encode the feed: %w", err)
	}
	return text, nil
}

// samples cuts a tensor along its first axis: into rows, or into its sequences.
func samples(t sampan.Tensor) ([]sampan.Tensor, error) {
	if t.LoD == nil {
		ends := make([]int64, t.Rows())
		for i := range ends {
			ends[i] = int64(i) + 1
		}
		rows, err := cut(t, ends)
		for i := range rows {
			rows[i].Shape = rows[i].Shape[1:]
		}
		return rows, err
	}
	if len(t.LoD) > 1 {
		return nil, sampan.Errorf(sampan.Unimplemented, "sequences of sequences cannot be sent over HTTP")
	}
	return cut(t, t.LoD[0][1:])
}

// cut divides the rows at the given ends.
func cut(t sampan.Tensor, ends []int64) ([]sampan.Tensor, error) {
	row, _ := t.Shape[1:].Elements()
	parts := make([]sampan.Tensor, len(ends))
	var texts []string
	if t.DType == sampan.String {
		var err error
		if texts, err = t.Strings(); err != nil {
			return nil, err
		}
	}
	start := int64(0)
	for i, end := range ends {
		shape := append(sampan.Shape{end - start}, t.Shape[1:]...)
		if t.DType == sampan.String {
			var err error
			if parts[i], err = sampan.OfStrings(shape, texts[start*row:end*row]); err != nil {
				return nil, err
			}
		} else {
			from, _ := t.DType.Size(start * row)
			to, _ := t.DType.Size(end * row)
			parts[i] = sampan.Tensor{DType: t.DType, Shape: shape, Data: t.Data[from:to]}
		}
		start = end
	}
	return parts, nil
}
