package resample

// Nearest gives the picture in another size, as INTER_NEAREST: each pixel is one of the
// picture's. The same picture where the size is the same; no side may be zero.
func (p Picture) Nearest(width, height int) Picture {
	if width == p.Width && height == p.Height {
		return p
	}
	out := New(width, height)
	kept := places.take(width)
	defer places.give(kept)
	columns := *kept
	for x := range columns {
		columns[x] = 3 * min(int(float64(x)*step(p.Width, width)), p.Width-1)
	}
	for y := range height {
		from, to := p.Row(int(float64(y)*step(p.Height, height))), out.Row(y)
		i := 0
		for _, at := range columns {
			pixel, made := from[at:at+3], to[i:i+3]
			made[0], made[1], made[2] = pixel[0], pixel[1], pixel[2]
			i += 3
		}
	}
	return out
}
