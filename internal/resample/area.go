package resample

import "math"

// Area gives the picture in another size, as INTER_AREA: each pixel is the mean of those
// that it covers. Where a side grows OpenCV interpolates linearly between the edges of
// pixels. The same picture where the size is the same; no side may be zero.
func (p Picture) Area(width, height int) Picture {
	stepX, stepY := step(p.Width, width), step(p.Height, height)
	switch {
	case width == p.Width && height == p.Height:
		return p
	case stepX < 1 || stepY < 1:
		return p.blend(width, height, edges(p.Width, width, stepX), edges(p.Height, height, stepY))
	case p.Width == 2*width && p.Height == 2*height:
		return p.half()
	case p.Width%width == 0 && p.Height%height == 0:
		return p.tiles(width, height)
	}
	return p.cover(width, height, covers(p.Width, width, stepX), covers(p.Height, height, stepY))
}

// edges are the taps of a side that grows: a pixel that lies within one of the picture's is
// that one, and one across an edge is mixed.
func edges(size, resized int, step float64) func(i int) tap {
	scale := float64(resized) / float64(size)
	return func(i int) tap {
		from := int(math.Floor(float64(i) * step))
		at := float32(float64(i+1) - float64(from+1)*scale)
		if at <= 0 {
			at = 0
		} else {
			at -= float32(math.Floor(float64(at)))
		}
		return tap{from, [2]int32{coefficient(1 - at), coefficient(at)}}
	}
}

// tiles gives means of whole pixels.
func (p Picture) tiles(width, height int) Picture {
	out := New(width, height)
	across, down := p.Width/width, p.Height/height
	scale := 1 / float32(across*down)
	kept := ints.take(3 * width)
	defer ints.give(kept)
	sums := *kept
	for y := range height {
		clear(sums)
		for k := range down {
			row := p.Row(y*down + k)
			for x := range width {
				sum := sums[3*x:][:3]
				for range across {
					sum[0] += int32(row[0])
					sum[1] += int32(row[1])
					sum[2] += int32(row[2])
					row = row[3:]
				}
			}
		}
		for i, sum := range sums {
			out.Row(y)[i] = rounded(float32(sum) * scale)
		}
	}
	return out
}

// share is how much of a pixel of a line goes into one of the resized line.
type share struct {
	to, from int
	weight   float32
}

// covers are the shares of a line that shrinks.
func covers(size, resized int, step float64) []share {
	shares := make([]share, 0, size+2*resized)
	// least is the part of a pixel that counts.
	const least = 1e-3
	for to := range resized {
		begin := float64(to) * step
		end := begin + step
		width := min(step, float64(size)-begin)
		last := min(int(math.Floor(end)), size-1)
		first := min(int(math.Ceil(begin)), last)
		if before := float64(first) - begin; before > least {
			shares = append(shares, share{to, first - 1, float32(before / width)})
		}
		for from := first; from < last; from++ {
			shares = append(shares, share{to, from, float32(1 / width)})
		}
		if after := end - float64(last); after > least {
			shares = append(shares, share{to, last, float32(min(after, 1, width) / width)})
		}
	}
	return shares
}

// cover gives means of parts of pixels.
func (p Picture) cover(width, height int, columns, rows []share) Picture {
	out := New(width, height)
	kept := floats.take(6 * width)
	defer floats.give(kept)
	line, sums := (*kept)[:3*width], (*kept)[3*width:]
	clear(sums)
	for i, r := range rows {
		clear(line)
		from := p.Row(r.from)
		for _, c := range columns {
			to, pixel := line[3*c.to:][:3], from[3*c.from:][:3]
			to[0] += float32(float32(pixel[0]) * c.weight)
			to[1] += float32(float32(pixel[1]) * c.weight)
			to[2] += float32(float32(pixel[2]) * c.weight)
		}
		for k, v := range line {
			sums[k] += float32(v * r.weight)
		}
		if i+1 < len(rows) && rows[i+1].to == r.to {
			continue
		}
		for k, v := range sums {
			out.Row(r.to)[k] = rounded(v)
		}
		clear(sums)
	}
	return out
}
