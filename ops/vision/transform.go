package vision

import (
	"encoding/binary"

	"github.com/sampanml/sampan"
)

// Transform maps one array to another.
type Transform interface {
	// Apply never changes in. What does not fit the transform is InvalidArgument.
	Apply(in sampan.Tensor) (sampan.Tensor, error)
}

// Sequential applies transforms in order.
type Sequential []Transform

// Apply implements [Transform].
func (s Sequential) Apply(in sampan.Tensor) (out sampan.Tensor, err error) {
	out = in
	for _, t := range s {
		if out, err = t.Apply(out); err != nil {
			return out, err
		}
	}
	return out, nil
}

// picture checks that an array is one: [H W 3] with no side of 0.
func picture(t sampan.Tensor, what string) (height, width int, err error) {
	if len(t.Shape) != 3 || t.Shape[2] != 3 || t.Shape[0] < 1 || t.Shape[1] < 1 {
		return 0, 0, sampan.Errorf(sampan.InvalidArgument, "%s: got shape %v, want a picture of [H W 3]", what, t.Shape)
	}
	return int(t.Shape[0]), int(t.Shape[1]), nil
}

// floats are an array's elements as float32, which is the array's own memory where it is
// float32 already.
func floats(t sampan.Tensor, what string) ([]float32, error) {
	if t.DType == sampan.Float32 {
		return sampan.View[float32](t)
	}
	bytes, err := sampan.View[uint8](t)
	if err != nil {
		return nil, sampan.Errorf(sampan.InvalidArgument, "%s: got %s, want uint8 or float32", what, t.DType)
	}
	out := make([]float32, len(bytes))
	for i, b := range bytes {
		out[i] = float32(b)
	}
	return out, nil
}

// swapped is an array with the last dimension's order turned.
func swapped[T uint8 | float32](in []T, channels int) []T {
	out := make([]T, len(in))
	for at := 0; at < len(in); at += channels {
		for c := range channels {
			out[at+c] = in[at+channels-1-c]
		}
	}
	return out
}

// swappedBytes is a picture of three bytes a pixel with the order of its channels turned,
// eight pixels at a time: of the 24 bytes each stays or moves by two.
func swappedBytes(in []uint8) []uint8 {
	out := make([]uint8, len(in))
	at := 0
	for ; at+24 <= len(in); at += 24 {
		from, to := in[at:][:24], out[at:][:24]
		a, b, c := binary.LittleEndian.Uint64(from), binary.LittleEndian.Uint64(from[8:]), binary.LittleEndian.Uint64(from[16:])
		binary.LittleEndian.PutUint64(to, a&0xff0000ff0000ff00|a>>16&0x00000000ff0000ff|a<<16&0x0000ff0000ff0000|b<<48&0x00ff000000000000)
		binary.LittleEndian.PutUint64(to[8:], b&0x0000ff0000ff0000|b>>16&0x000000ff0000ff00|b<<16&0x00ff0000ff000000|a>>48&0xff|c<<48&0xff00000000000000)
		binary.LittleEndian.PutUint64(to[16:], c&0x00ff0000ff0000ff|c>>16&0x0000ff0000ff0000|c<<16&0xff0000ff00000000|b>>48&0xff00)
	}
	copy(out[at:], swapped(in[at:], 3))
	return out
}

// BGR2RGB turns the order of the channels, the last dimension. RGB2BGR is the same.
type BGR2RGB struct{}

// Apply implements [Transform].
func (BGR2RGB) Apply(in sampan.Tensor) (sampan.Tensor, error) {
	if len(in.Shape) == 0 || in.Shape[len(in.Shape)-1] < 1 {
		return in, sampan.Errorf(sampan.InvalidArgument, "bgr2rgb: got shape %v, want channels in the last dimension", in.Shape)
	}
	channels := int(in.Shape[len(in.Shape)-1])
	if in.DType == sampan.Float32 {
		values, err := sampan.View[float32](in)
		if err != nil {
			return in, err
		}
		return sampan.Of(in.Shape, swapped(values, channels))
	}
	values, err := sampan.View[uint8](in)
	if err != nil {
		return in, sampan.Errorf(sampan.InvalidArgument, "bgr2rgb: got %s, want uint8 or float32", in.DType)
	}
	if channels == 3 {
		return sampan.Of(in.Shape, swappedBytes(values))
	}
	return sampan.Of(in.Shape, swapped(values, channels))
}

// RGB2BGR is [BGR2RGB] by its other name.
type RGB2BGR = BGR2RGB

// CenterCrop cuts a square of Size out of the middle.
type CenterCrop struct {
	// Size of the sides, in pixels; the picture must have as many.
	Size int `yaml:"size"`
}

// Apply implements [Transform].
func (c CenterCrop) Apply(in sampan.Tensor) (sampan.Tensor, error) {
	height, width, err := picture(in, "center_crop")
	if err != nil {
		return in, err
	}
	if c.Size < 1 || c.Size > height || c.Size > width {
		return in, sampan.Errorf(sampan.InvalidArgument, "center_crop: a square of %d does not fit a picture of %d × %d", c.Size, width, height)
	}
	top, left := (height-c.Size)/2, (width-c.Size)/2
	size := in.DType
	element, ok := size.Size(1)
	if !ok || in.DType != sampan.Uint8 && in.DType != sampan.Float32 {
		return in, sampan.Errorf(sampan.InvalidArgument, "center_crop: got %s, want uint8 or float32", in.DType)
	}
	if err := in.Validate(); err != nil {
		return in, err
	}
	out, err := sampan.New(in.DType, sampan.Shape{int64(c.Size), int64(c.Size), 3})
	if err != nil {
		return in, err
	}
	row := c.Size * 3 * element
	for y := range c.Size {
		at := ((top+y)*width + left) * 3 * element
		copy(out.Data[y*row:], in.Data[at:at+row])
	}
	return out, nil
}

// Div divides by a number: float32(x) / By.
type Div struct {
	// By is usually 255.
	By float32 `yaml:"by"`
}

// Apply implements [Transform].
func (d Div) Apply(in sampan.Tensor) (sampan.Tensor, error) {
	if d.By == 0 {
		return in, sampan.Errorf(sampan.InvalidArgument, "div: by 0")
	}
	if in.DType == sampan.Uint8 {
		bytes, err := sampan.View[uint8](in)
		if err != nil {
			return in, err
		}
		var t table
		t.fill(func(v float32) float32 { return v / d.By })
		out := make([]float32, len(bytes))
		look(out, bytes, &t)
		return sampan.Of(in.Shape, out)
	}
	values, err := floats(in, "div")
	if err != nil {
		return in, err
	}
	out := make([]float32, len(values))
	for i, v := range values {
		out[i] = v / d.By
	}
	return sampan.Of(in.Shape, out)
}

// Normalize takes the mean away and divides by the deviation, both for each channel; unlike
// others' it does not divide by 255 first.
type Normalize struct {
	Mean []float32 `yaml:"mean"`
	Std  []float32 `yaml:"std"`
	// ChannelFirst says that the channels are the first dimension and not the last.
	ChannelFirst bool `yaml:"channel_first"`
}

// Apply implements [Transform].
func (n Normalize) Apply(in sampan.Tensor) (sampan.Tensor, error) {
	if !n.fits(in) {
		return in, sampan.Errorf(sampan.InvalidArgument, "normalize: got shape %v, with %d means and %d deviations", in.Shape, len(n.Mean), len(n.Std))
	}
	if in.DType == sampan.Uint8 {
		bytes, err := sampan.View[uint8](in)
		if err != nil {
			return in, err
		}
		return sampan.Of(in.Shape, n.bytes(bytes, func(v float32) float32 { return v }))
	}
	values, err := floats(in, "normalize")
	if err != nil {
		return in, err
	}
	out, channels := make([]float32, len(values)), len(n.Mean)
	if n.ChannelFirst {
		plane := len(values) / channels
		for c, mean := range n.Mean {
			std, to := n.Std[c], out[c*plane:(c+1)*plane]
			for i, v := range values[c*plane : (c+1)*plane] {
				to[i] = (v - mean) / std
			}
		}
		return sampan.Of(in.Shape, out)
	}
	for at := 0; at < len(values); at += channels {
		for c, mean := range n.Mean {
			out[at+c] = (values[at+c] - mean) / n.Std[c]
		}
	}
	return sampan.Of(in.Shape, out)
}

// fits says that there are a mean and a deviation for each channel.
func (n Normalize) fits(in sampan.Tensor) bool {
	if len(in.Shape) != 3 {
		return false
	}
	channels := int(in.Shape[2])
	if n.ChannelFirst {
		channels = int(in.Shape[0])
	}
	return channels > 0 && len(n.Mean) == channels && len(n.Std) == channels
}

// bytes normalises a picture's bytes, each of which becomes a number first.
func (n Normalize) bytes(in []uint8, first func(float32) float32) []float32 {
	channels := len(n.Mean)
	var three [3]table
	tables := append(three[:0], make([]table, channels)...)
	for c, mean := range n.Mean {
		tables[c].fill(func(v float32) float32 { return (first(v) - mean) / n.Std[c] })
	}
	out := make([]float32, len(in))
	switch plane := len(in) / channels; {
	case n.ChannelFirst:
		for c := range tables {
			look(out[c*plane:(c+1)*plane], in[c*plane:(c+1)*plane], &tables[c])
		}
	case channels == 3:
		a, b, c := &tables[0], &tables[1], &tables[2]
		for from, to := in, out; len(from) >= 3 && len(to) >= 3; from, to = from[3:], to[3:] {
			to[0], to[1], to[2] = a[from[0]], b[from[1]], c[from[2]]
		}
	default:
		for i, v := range in {
			out[i] = tables[i%channels][v]
		}
	}
	return out
}

// table has a number for each byte.
type table [256]float32

func (t *table) fill(f func(float32) float32) {
	for i := range t {
		t[i] = f(float32(i))
	}
}

func look(out []float32, in []uint8, t *table) {
	out = out[:len(in)]
	for i, v := range in {
		out[i] = t[v]
	}
}

// Transpose moves the channels of a picture to the front: [H W C] becomes [C H W].
type Transpose struct{}

// Apply implements [Transform].
func (Transpose) Apply(in sampan.Tensor) (sampan.Tensor, error) {
	if len(in.Shape) != 3 {
		return in, sampan.Errorf(sampan.InvalidArgument, "transpose: got shape %v, want [H W C]", in.Shape)
	}
	shape := sampan.Shape{in.Shape[2], in.Shape[0], in.Shape[1]}
	if in.DType == sampan.Float32 {
		values, err := sampan.View[float32](in)
		if err != nil {
			return in, err
		}
		return sampan.Of(shape, planes(values, int(in.Shape[2])))
	}
	values, err := sampan.View[uint8](in)
	if err != nil {
		return in, sampan.Errorf(sampan.InvalidArgument, "transpose: got %s, want uint8 or float32", in.DType)
	}
	return sampan.Of(shape, planes(values, int(in.Shape[2])))
}

func planes[T uint8 | float32](in []T, channels int) []T {
	out := make([]T, len(in))
	if channels == 0 {
		return out
	}
	size := len(in) / channels
	if channels == 3 {
		a, b, c := out[:size], out[size:2*size], out[2*size:3*size]
		for i := range a {
			pixel := in[3*i:][:3]
			a[i], b[i], c[i] = pixel[0], pixel[1], pixel[2]
		}
		return out
	}
	for c := range channels {
		plane := out[c*size : (c+1)*size]
		for i := range plane {
			plane[i] = in[i*channels+c]
		}
	}
	return out
}

// PadStride fills a picture [C H W] with zeros, right and below, until its sides are
// multiples of Stride. The result is float32.
type PadStride struct {
	// Stride of 0 leaves the picture as it is.
	Stride int `yaml:"stride"`
}

// Apply implements [Transform].
func (p PadStride) Apply(in sampan.Tensor) (sampan.Tensor, error) {
	if p.Stride == 0 {
		return in, nil
	}
	if len(in.Shape) != 3 || p.Stride < 0 || p.Stride > maxSide {
		return in, sampan.Errorf(sampan.InvalidArgument, "pad_stride: got shape %v and stride %d, want [C H W]", in.Shape, p.Stride)
	}
	values, err := floats(in, "pad_stride")
	if err != nil {
		return in, err
	}
	channels, height, width := int(in.Shape[0]), int(in.Shape[1]), int(in.Shape[2])
	up := func(n int) int { return (n + p.Stride - 1) / p.Stride * p.Stride }
	out, err := sampan.New(sampan.Float32, sampan.Shape{in.Shape[0], int64(up(height)), int64(up(width))})
	if err != nil {
		return in, err
	}
	padded, err := sampan.View[float32](out)
	if err != nil {
		return in, err
	}
	for c := range channels {
		for y := range height {
			copy(padded[(c*up(height)+y)*up(width):], values[(c*height+y)*width:(c*height+y+1)*width])
		}
	}
	return out, nil
}
