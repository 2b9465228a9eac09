package resample

import "math"

// Area gives the picture in another size, as INTER_AREA: each pixel is the mean of those
// that it covers. Where a side grows OpenCV interpolates linearly between the edges of
// pixels. The same picture where the size is the same.
func (p Picture) Area(to Size) Picture {
	factorX, factorY := to.factors(p)
	stepX, stepY := to.steps(p)
	switch {
	case to.like(p):
		return p
	case stepX < 1 || stepY < 1:
		return p.blend(to, edges(factorX), edges(factorY))
	case stepX == math.Floor(stepX) && stepY == math.Floor(stepY):
		return p.tiles(to, int(stepX), int(stepY))
	}
	return p.means(to.Width, to.Height, stepX, stepY)
}

// edges are the taps of a side that grows: a pixel that lies within one of the picture's is
// that one, and one across an edge is mixed.
func edges(factor float64) func(i int) tap {
	step := 1 / factor
	return func(i int) tap {
		from := int(math.Floor(float64(i) * step))
		at := float32(float64(i+1) - float64(from+1)*factor)
		if at <= 0 {
			at = 0
		} else {
			at -= float32(math.Floor(float64(at)))
		}
		return tap{from, [2]int32{coefficient(1 - at), coefficient(at)}}
	}
}

// tiles gives means of whole pixels, so many across and down. At the right and the lower
// edge there may be fewer.
func (p Picture) tiles(to Size, across, down int) Picture {
	out := New(to.Width, to.Height)
	kept := ints.take(3 * to.Width)
	defer ints.give(kept)
	scale := 1 / float32(across*down)
	for y := range to.Height {
		row, sums := out.Row(y), *kept
		clear(sums)
		// begin is where nothing is made yet, end where the last whole tile ends.
		begin, end := 0, 3*min(to.Width, p.Width/across)
		rows := min(down, p.Height-y*down)
		switch {
		case rows < down:
			end = 0
		case across == 2 && down == 2:
			halve(row[:end], p.Row(2*y), p.Row(2*y+1))
			begin = end
		}
		for k := range rows {
			addTiles(sums[begin:], p.Row(y*down + k)[begin*across:], across)
		}
		for i := begin; i < end; i++ {
			row[i] = rounded(float32(sums[i]) * scale)
		}
		for i := end; i < len(sums); i++ {
			columns := min(across, p.Width-i/3*across)
			row[i] = rounded(float32(sums[i]) / float32(rows*columns))
		}
	}
	return out
}

// halve makes a row of two of twice the length.
func halve(to, above, below []uint8) {
	for x := 0; x+3 <= len(to); x += 3 {
		a, b, pixel := above[2*x:2*x+6], below[2*x:2*x+6], to[x:x+3]
		pixel[0] = uint8((int(a[0]) + int(a[3]) + int(b[0]) + int(b[3]) + 2) >> 2)
		pixel[1] = uint8((int(a[1]) + int(a[4]) + int(b[1]) + int(b[4]) + 2) >> 2)
		pixel[2] = uint8((int(a[2]) + int(a[5]) + int(b[2]) + int(b[5]) + 2) >> 2)
	}
}

// addTiles adds a row's pixels to the sums of their tiles.
func addTiles(sums []int32, row []uint8, across int) {
	for x := 0; x < len(sums); x += 3 {
		var blue, green, red int32
		for range min(across, len(row)/3) {
			blue += int32(row[0])
			green += int32(row[1])
			red += int32(row[2])
			row = row[3:]
		}
		sum := sums[x : x+3]
		sum[0] += blue
		sum[1] += green
		sum[2] += red
	}
}

// cover is which pixels of a line that shrinks, so many from one on, make one of the
// resized line: the first and the last often in part.
type cover struct {
	from, count         int
	first, middle, last float32
}

func coverOf(i, size int, step float64) cover {
	// least is the part of a pixel that counts.
	const least = 1e-3
	begin := float64(i) * step
	end := begin + step
	width := min(step, float64(size)-begin)
	last := min(int(math.Floor(end)), size-1)
	first := min(int(math.Ceil(begin)), last)
	whole := float32(1 / width)
	c := cover{first, last - first, whole, whole, whole}
	if before := float64(first) - begin; before > least {
		c.from--
		c.count++
		c.first = float32(before / width)
	}
	if after := end - float64(last); after > least {
		c.count++
		c.last = float32(min(after, 1, width) / width)
	}
	if c.count == 1 && c.from == last {
		c.first = c.last
	}
	return c
}

// weight is that of pixel i.
func (c cover) weight(i int) float32 {
	switch i {
	case 0:
		return c.first
	case c.count - 1:
		return c.last
	}
	return c.middle
}

// means gives means of parts of pixels.
func (p Picture) means(width, height int, stepX, stepY float64) Picture {
	out := New(width, height)
	kept, stretched := covers.take(width), floats.take(6*width)
	defer covers.give(kept)
	defer floats.give(stretched)
	columns, line, sums := *kept, (*stretched)[:3*width], (*stretched)[3*width:]
	for x := range columns {
		columns[x] = coverOf(x, p.Width, stepX)
	}
	row := -1
	for y := range height {
		c := coverOf(y, p.Height, stepY)
		clear(sums)
		for i := range c.count {
			if c.from+i != row {
				row = c.from + i
				shrink(line, p.Row(row), columns)
			}
			weight := c.weight(i)
			for k, v := range line {
				sums[k] += float32(v * weight)
			}
		}
		to := out.Row(y)
		for k, v := range sums {
			to[k] = rounded(v)
		}
	}
	return out
}

// shrink resizes one line.
func shrink(to []float32, from []uint8, columns []cover) {
	for x := range columns {
		c := &columns[x]
		p, w := from[3*c.from:][:3*c.count], c.first
		blue, green, red := float32(float32(p[0])*w), float32(float32(p[1])*w), float32(float32(p[2])*w)
		w = c.middle
		for p = p[3:]; len(p) > 3; p = p[3:] {
			blue += float32(float32(p[0]) * w)
			green += float32(float32(p[1]) * w)
			red += float32(float32(p[2]) * w)
		}
		if len(p) == 3 {
			blue += float32(float32(p[0]) * c.last)
			green += float32(float32(p[1]) * c.last)
			red += float32(float32(p[2]) * c.last)
		}
		pixel := to[3*x:][:3]
		pixel[0], pixel[1], pixel[2] = blue, green, red
	}
}
