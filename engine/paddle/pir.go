package paddle

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// maxPIR bounds a Paddle 3 program, in bytes: decoded it takes many times as much. An
// operator takes some 500.
const maxPIR = 16 << 20

// newerPIR is the first version of the format that is refused. 0 is what development
// builds of Paddle write; each later one changed types of attributes, which are read
// in any width (Paddle's serialize_deserialize/patch).
const newerPIR = 5

// maxRegions bounds how deep regions nest.
const maxRegions = 16

// pirFile is a program as Paddle 3 writes it (its schema.h names the keys): operators
// in blocks in regions, values by number.
type pirFile struct {
	Base struct {
		Magic   string  `json:"magic"`
		Version *uint64 `json:"version"`
	} `json:"base_code"`
	Program struct {
		Regions []pirRegion `json:"regions"`
	} `json:"program"`
}

type pirRegion struct {
	Blocks []pirBlock `json:"blocks"`
}

// pirBlock has its operators as text: decoded all at once they take a hundred times as
// much memory.
type pirBlock struct {
	Arguments []pirValue        `json:"args"`
	Keywords  json.RawMessage   `json:"kwargs"`
	Ops       []json.RawMessage `json:"ops"`
}

// pirOp is an operator. Its attributes and results are written in other ways for a
// parameter.
type pirOp struct {
	Name       string          `json:"#"`
	Operands   []pirOperand    `json:"I"`
	Results    json.RawMessage `json:"O"`
	Attributes json.RawMessage `json:"A"`
	// Of the results: of a parameter whether it is persistable, and more.
	OfResults json.RawMessage `json:"OA"`
	Regions   []pirRegion     `json:"regions"`
}

// pirOperand is the number of a value; 0 is none.
type pirOperand struct {
	ID *int64 `json:"%"`
}

// pirValue is a value where it is made: a result, or an argument of a block.
type pirValue struct {
	ID       *int64   `json:"%"`
	Argument *int64   `json:"#"`
	Type     pirTyped `json:"TT"`
}

// pirTyped is a type or an attribute: its kind, and what the kind is made of.
type pirTyped struct {
	Kind string          `json:"#"`
	Data json.RawMessage `json:"D"`
	// Void is a number that JSON cannot write.
	Void string `json:"VD"`
}

// pirDialects are the families of operators, as they are numbered in a file.
var pirDialects = map[string]string{"0": "builtin", "1": "pd_op", "2": "cf", "3": "custom_op", "4": "pd_dist"}

// readPIR reads a Paddle 3 program and lowers it to the form of the earlier ones.
func readPIR(fsys fs.FS, file string) (*program, error) {
	data, err := readFile(fsys, file, maxPIR)
	if err != nil {
		return nil, err
	}
	var f pirFile
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, sampan.Errorf(sampan.InvalidArgument, "%s is not a Paddle 3 program: %w", file, where(err))
	}
	if f.Base.Magic != "pir" || f.Base.Version == nil {
		return nil, sampan.Errorf(sampan.InvalidArgument, "%s is not a Paddle 3 program: base_code has magic %q, want \"pir\" and a version", file, f.Base.Magic)
	}
	if v := *f.Base.Version; v >= newerPIR {
		return nil, sampan.Errorf(sampan.Unimplemented, "%s has PIR version %d; supported are those up to %d", file, v, newerPIR-1)
	}
	block, err := onlyBlock(f.Program.Regions)
	if err != nil {
		return nil, sampan.Errorf(sampan.InvalidArgument, "%s: program: %w", file, err)
	}
	l := newLowering()
	if err := l.program(block); err != nil {
		return nil, sampan.Errorf(faultCode(err), "%s: %w", file, err)
	}
	p := &program{
		file: file, version: firstPIR, writer: fmt.Sprintf("Paddle 3 program of PIR version %d", *f.Base.Version),
		blocks: l.blocks, vars: map[string]*paddle.VarDesc{}, origins: l.origins,
	}
	if err := p.index(); err != nil {
		return nil, sampan.Errorf(sampan.InvalidArgument, "%s: %w", file, err)
	}
	return p, nil
}

// where tells the place of a fault in JSON.
func where(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("byte %d: %w", syntax.Offset, err)
	case errors.As(err, &kind):
		return fmt.Errorf("byte %d: %s where %s is wanted", kind.Offset, kind.Value, kind.Type.Kind())
	}
	return err
}

// onlyBlock returns the block of a single region with a single block.
func onlyBlock(regions []pirRegion) (*pirBlock, error) {
	if len(regions) != 1 || len(regions[0].Blocks) != 1 {
		return nil, fmt.Errorf("want one region of one block")
	}
	return &regions[0].Blocks[0], nil
}
