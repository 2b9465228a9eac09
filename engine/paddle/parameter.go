package paddle

import (
	"encoding/binary"
	"fmt"
	"io/fs"
	"math"

	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/paddle"
)

// maxParameters bounds a file of parameters, in bytes: an ONNX model in memory cannot
// hold more.
const maxParameters = math.MaxInt32

// parameter is a weight. Its data shares the memory of the file's content.
type parameter struct {
	dtype sampan.DType
	shape sampan.Shape
	data  []byte
}

// readParameters reads what the program keeps: all from one file, or each from its
// own where file is empty. A program without parameters needs no file.
func readParameters(fsys fs.FS, file string, p *program) (map[string]parameter, error) {
	if len(p.persistable) == 0 {
		return nil, nil
	}
	if file == "" {
		return readSeparate(fsys, p)
	}
	data, err := readFile(fsys, file, maxParameters)
	if err != nil {
		return nil, err
	}
	params := make(map[string]parameter, len(p.persistable))
	for i, name := range p.persistable {
		if len(data) == 0 {
			return nil, sampan.Errorf(sampan.InvalidArgument, "read %s: it ends after %d parameters, want %d", file, i, len(p.persistable))
		}
		var param parameter
		if param, data, err = decodeParameter(data); err == nil {
			err = param.check(p.vars[name])
		}
		if err != nil {
			return nil, sampan.Errorf(sampan.InvalidArgument, "read %s: parameter %s: %w", file, name, err)
		}
		params[name] = param
	}
	if len(data) > 0 {
		return nil, sampan.Errorf(sampan.InvalidArgument, "read %s: %d bytes follow the last parameter, %s",
			file, len(data), p.persistable[len(p.persistable)-1])
	}
	return params, nil
}

func readSeparate(fsys fs.FS, p *program) (map[string]parameter, error) {
	var missing []string
	for _, name := range p.persistable {
		if !fs.ValidPath(name) {
			return nil, sampan.Errorf(sampan.InvalidArgument, "parameter %q cannot be a file's name", name)
		}
		if _, err := fs.Stat(fsys, name); err != nil {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return nil, sampan.Errorf(sampan.NotFound, "parameter files are missing: %s (nor is there a *.pdiparams, __params__ or params with all)", list(missing))
	}
	params, left := make(map[string]parameter, len(p.persistable)), int64(maxParameters)
	for _, name := range p.persistable {
		data, err := readFile(fsys, name, left)
		if err != nil {
			return nil, err
		}
		left -= int64(len(data))
		param, rest, err := decodeParameter(data)
		if err == nil {
			err = param.check(p.vars[name])
		}
		if err == nil && len(rest) > 0 {
			err = fmt.Errorf("%d bytes follow the parameter", len(rest))
		}
		if err != nil {
			return nil, sampan.Errorf(sampan.InvalidArgument, "read %s: %w", name, err)
		}
		params[name] = param
	}
	return params, nil
}

// decodeParameter reads a record as Paddle's SerializeToStream (lod_tensor.cc) writes
// it: u32 version; u64 number of LoD levels and each as u64 size and bytes; u32
// version; i32 size of a TensorDesc and its bytes; the elements.
func decodeParameter(data []byte) (p parameter, rest []byte, err error) {
	r := reader{data: data}
	if v := r.u32("version"); v != 0 {
		r.fail("version %d, want 0", v)
	}
	for n := r.u64("number of LoD levels"); n > 0 && r.err == nil; n-- {
		r.bytes("LoD level", r.u64("size of a LoD level"))
	}
	if v := r.u32("version of the tensor"); v != 0 {
		r.fail("version %d of the tensor, want 0", v)
	}
	raw := r.bytes("description", uint64(r.u32("size of the description")))
	if r.err != nil {
		return parameter{}, nil, r.err
	}
	var desc paddle.VarType_TensorDesc
	if proto.Unmarshal(raw, &desc) != nil {
		return parameter{}, nil, fmt.Errorf("the description of dtype and shape is damaged")
	}
	dtype, ok := dtypes[desc.GetDataType()]
	if !ok {
		return parameter{}, nil, fmt.Errorf("element type %s is not supported", desc.GetDataType())
	}
	if len(desc.Dims) > maxRank {
		return parameter{}, nil, fmt.Errorf("%d dimensions, more than %d are not supported", len(desc.Dims), maxRank)
	}
	p = parameter{dtype: dtype, shape: desc.Dims}
	n, ok := p.shape.Elements()
	size, fits := dtype.Size(n)
	if !ok || !fits {
		return parameter{}, nil, fmt.Errorf("shape %v is negative or too large", p.shape)
	}
	if len(r.data) < size {
		return parameter{}, nil, fmt.Errorf("%d bytes of data, want %d for shape %v", len(r.data), size, p.shape)
	}
	p.data = r.data[:size:size]
	return p, r.data[size:], nil
}

// check compares the parameter with what the program declares.
func (p parameter) check(v *paddle.VarDesc) error {
	if t := v.GetType().GetType(); t != paddle.VarType_DENSE_TENSOR {
		return fmt.Errorf("the program declares a %s, want a tensor", t)
	}
	desc := v.GetType().GetLodTensor().GetTensor()
	if desc == nil {
		return nil
	}
	if dtype := dtypes[desc.GetDataType()]; dtype != p.dtype {
		return fmt.Errorf("dtype %s, the program declares %s", p.dtype, desc.GetDataType())
	}
	if !p.shape.Fits(desc.Dims) {
		return fmt.Errorf("shape %v, the program declares %v", p.shape, sampan.Shape(desc.Dims))
	}
	return nil
}

// reader takes fields from the front of data; after a fault it gives zeros.
type reader struct {
	data []byte
	err  error
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

func (r *reader) bytes(what string, n uint64) []byte {
	if r.err == nil && n > uint64(len(r.data)) {
		r.fail("%s: %d bytes, want %d", what, len(r.data), n)
	}
	if r.err != nil {
		return nil
	}
	out := r.data[:n]
	r.data = r.data[n:]
	return out
}

func (r *reader) u32(what string) uint32 {
	if b := r.bytes(what, 4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (r *reader) u64(what string) uint64 {
	if b := r.bytes(what, 8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}
