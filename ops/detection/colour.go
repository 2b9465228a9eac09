package detection

// Colour has the colour of a class, R G B, as PASCAL VOC's and Paddle Serving's
// generate_colormap: the class's bits by threes, the lowest to the highest of each
// channel.
func Colour(class int) [3]uint8 {
	var out [3]uint8
	for i, rest := 0, uint(class); i < 8; i, rest = i+1, rest>>3 {
		for c := range out {
			out[c] |= uint8(rest>>c&1) << (7 - i)
		}
	}
	return out
}
