package resample

// Nearest gives the picture in another size, as INTER_NEAREST: each pixel is one of the
// picture's. The same picture where the size is the same.
func (p Picture) Nearest(to Size) Picture {
	if to.like(p) {
		return p
	}
	stepX, stepY := to.steps(p)
	out := New(to.Width, to.Height)
	kept := places.take(to.Width)
	defer places.give(kept)
	columns := *kept
	for x := range columns {
		columns[x] = 3 * min(int(float64(x)*stepX), p.Width-1)
	}
	for y := range to.Height {
		from, row := p.Row(int(float64(y)*stepY)), out.Row(y)
		i := 0
		for _, at := range columns {
			pixel, made := from[at:at+3], row[i:i+3]
			made[0], made[1], made[2] = pixel[0], pixel[1], pixel[2]
			i += 3
		}
	}
	return out
}
