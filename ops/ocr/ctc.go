package ocr

import (
	"math"
	"strings"

	"github.com/sampanml/sampan"
)

// Text is what was read, and the mean probability of its characters; 0 where nothing
// was read.
type Text struct {
	Text  string  `json:"text"`
	Score float64 `json:"score"`
}

// CTC reads the texts from what a recognition model computes, greedily: the most
// probable class of each step.
type CTC struct {
	// Dictionary names the classes.
	Dictionary Dictionary `yaml:"dictionary"`
}

// Decode reads probabilities of shape [N T C], float32, one text for each of N. Class 0
// is the blank, then come the dictionary's, and, where the model has one class more, the
// space (PaddleOCR; OCRReader.postprocess_ocrv2). Of equal neighbours the first counts,
// and blanks count for nothing. Another C is InvalidArgument.
func (c CTC) Decode(probabilities sampan.Tensor) ([]Text, error) {
	p, err := sampan.View[float32](probabilities)
	if err != nil {
		return nil, err
	}
	s := probabilities.Shape
	characters := int64(len(c.Dictionary))
	if len(s) != 3 || s[1] < 1 || s[2] != characters+1 && s[2] != characters+2 {
		return nil, sampan.Errorf(sampan.InvalidArgument,
			"probabilities have shape %v, want [N T %d]: the dictionary's %d characters, blank and space", s, characters+2, characters)
	}
	out := make([]Text, s[0])
	steps, classes := int(s[1]), int(s[2])
	for i := range out {
		out[i] = c.text(p[i*steps*classes:(i+1)*steps*classes], classes)
	}
	return out, nil
}

func (c CTC) text(p []float32, classes int) Text {
	var text strings.Builder
	var sum mean
	previous := 0
	for ; len(p) > 0; p = p[classes:] {
		class := largest(p[:classes])
		if class != 0 && class != previous {
			if class <= len(c.Dictionary) {
				text.WriteString(c.Dictionary[class-1])
			} else {
				text.WriteByte(' ')
			}
			sum.add(p[class])
		}
		previous = class
	}
	return Text{text.String(), sum.value()}
}

// DecodeSequences reads what models before PaddleOCR 2.0 compute
// (OCRReader.postprocess): ids, int64 of shape [M 1], are classes without repetitions;
// probabilities are float32 of shape [L C]. The LoD of both has a sequence for each
// text. Class 0 is the dictionary's first; the blank is the last class of
// probabilities. An id that is not in the dictionary is InvalidArgument.
func (c CTC) DecodeSequences(ids, probabilities sampan.Tensor) ([]Text, error) {
	classes, err := sampan.View[int64](ids)
	if err != nil {
		return nil, err
	}
	p, err := sampan.View[float32](probabilities)
	if err != nil {
		return nil, err
	}
	if s := probabilities.Shape; len(s) != 2 || s[1] < 1 {
		return nil, sampan.Errorf(sampan.InvalidArgument, "probabilities have shape %v, want [L C]", s)
	}
	if s := ids.Shape; len(s) != 2 || s[1] != 1 {
		return nil, sampan.Errorf(sampan.InvalidArgument, "ids have shape %v, want [M 1]", s)
	}
	if len(ids.LoD) != 1 || len(probabilities.LoD) != 1 || len(ids.LoD[0]) != len(probabilities.LoD[0]) {
		return nil, sampan.Errorf(sampan.InvalidArgument, "ids have LoD %v and probabilities %v, want one level with as many sequences", ids.LoD, probabilities.LoD)
	}
	width := int(probabilities.Shape[1])
	begins, rows := ids.LoD[0], probabilities.LoD[0]
	out := make([]Text, 0, len(begins))
	for i := range len(begins) - 1 {
		text, err := c.spell(classes[begins[i]:begins[i+1]])
		if err != nil {
			return nil, err
		}
		var sum mean
		for row := p[int(rows[i])*width : int(rows[i+1])*width]; len(row) > 0; row = row[width:] {
			if class := largest(row[:width]); class != width-1 {
				sum.add(row[class])
			}
		}
		out = append(out, Text{text, sum.value()})
	}
	return out, nil
}

func (c CTC) spell(classes []int64) (string, error) {
	var text strings.Builder
	for _, class := range classes {
		switch {
		case class == int64(len(c.Dictionary)):
		case class < 0 || class > int64(len(c.Dictionary)):
			return "", sampan.Errorf(sampan.InvalidArgument, "id %d is not in the dictionary of %d characters", class, len(c.Dictionary))
		default:
			text.WriteString(c.Dictionary[class])
		}
	}
	return text.String(), nil
}

// largest is the class of the first of the largest numbers; NaN is no number, and class
// 0 is the largest of none.
func largest(p []float32) int {
	best, top := 0, float32(math.Inf(-1))
	for i, v := range p {
		if v > top {
			best, top = i, v
		}
	}
	return best
}

// mean of probabilities.
type mean struct {
	sum   float64
	count int
}

func (m *mean) add(v float32) {
	m.sum += float64(v)
	m.count++
}

func (m *mean) value() float64 {
	if m.count == 0 {
		return 0
	}
	return m.sum / float64(m.count)
}
