package ocr

// pixel is a place on the grid of a map.
type pixel struct{ x, y int32 }

// contours has the borders of a map's regions and of the holes in them, each as the
// pixels where it turns.
type contours struct {
	pixels []pixel
	// ends has where in pixels each contour ends.
	ends []int
	// grid is the map, 1 for text, with a rim of zeros; borders that have been followed
	// are marked in it.
	grid []int8
	// width of the grid.
	width int
}

// contour i in the order in which they were found, which is from the top.
func (c *contours) contour(i int) []pixel {
	begin := 0
	if i > 0 {
		begin = c.ends[i-1]
	}
	return c.pixels[begin:c.ends[i]]
}

const (
	// followed marks a border's pixel.
	followed = 2
	// rightmost marks a border's pixel with nothing to its right; no border begins
	// behind it.
	rightmost = -126
)

// binarise makes the grid of a map: the pixels above the threshold.
func (c *contours) binarise(probability []float32, width, height int, threshold float32) {
	c.width = width + 2
	size := c.width * (height + 2)
	if cap(c.grid) < size {
		c.grid = make([]int8, size)
	}
	c.grid = c.grid[:size]
	clear(c.grid)
	for y := range height {
		to := c.grid[(y+1)*c.width+1:][:width]
		for x, p := range probability[y*width:][:width] {
			if p > threshold {
				to[x] = 1
			}
		}
	}
}

// dilate sets the pixels to the right and below of those that are set, as cv2.dilate
// with 2 × 2 ones.
func (c *contours) dilate() {
	inner := len(c.grid)/c.width - 2
	for y := inner; y >= 1; y-- {
		row, above := c.grid[y*c.width:][:c.width], c.grid[(y-1)*c.width:][:c.width]
		for x := c.width - 2; x >= 1; x-- {
			row[x] |= row[x-1] | above[x] | above[x-1]
		}
	}
}

// find follows all borders of the grid (Suzuki and Abe, 1985; as cv2.findContours with
// RETR_LIST and CHAIN_APPROX_SIMPLE, which lists them from the last to the first).
func (c *contours) find() {
	c.pixels, c.ends = c.pixels[:0], c.ends[:0]
	for y := 1; y < len(c.grid)/c.width-1; y++ {
		row := c.grid[y*c.width:][:c.width]
		previous := int8(0)
		for x := 1; x < len(row); x++ {
			value := row[x]
			if value == previous {
				continue
			}
			switch {
			case previous == 0 && value == 1:
				c.follow(x, y, false)
			case previous >= 1 && value == 0:
				c.follow(x-1, y, true)
			}
			previous = row[x]
		}
	}
}

// turns are the steps to a pixel's neighbours, from the right against the clock.
var turns = [8]pixel{{1, 0}, {1, -1}, {0, -1}, {-1, -1}, {-1, 0}, {-1, 1}, {0, 1}, {1, 1}}

// follow walks once around a border that begins at (x, y) of the grid.
func (c *contours) follow(x, y int, hole bool) {
	var steps [8]int
	for i, t := range turns {
		steps[i] = int(t.y)*c.width + int(t.x)
	}
	start := y*c.width + x
	at := pixel{int32(x - 1), int32(y - 1)}

	direction, found := c.before(start, &steps, hole)
	if !found {
		c.grid[start] = rightmost
		c.pixels = append(c.pixels, at)
		c.ends = append(c.ends, len(c.pixels))
		return
	}

	end := start + steps[direction]
	previous := direction ^ 4
	for here := start; ; {
		from := direction
		for {
			direction = (direction + 1) & 7
			if c.grid[here+steps[direction]] != 0 {
				break
			}
		}
		// The walk has looked at the right neighbour and found nothing there.
		if direction > 0 && direction <= from {
			c.grid[here] = rightmost
		} else if c.grid[here] == 1 {
			c.grid[here] = followed
		}
		if direction != previous {
			c.pixels = append(c.pixels, at)
			previous = direction
		}
		at.x += turns[direction].x
		at.y += turns[direction].y
		next := here + steps[direction]
		if next == start && here == end {
			break
		}
		here = next
		direction = (direction + 4) & 7
	}
	c.ends = append(c.ends, len(c.pixels))
}

// before finds the direction of the border's last pixel, with the clock from outside;
// a pixel alone has none.
func (c *contours) before(start int, steps *[8]int, hole bool) (direction int, found bool) {
	outside := 4
	if hole {
		outside = 0
	}
	for i := range 7 {
		direction = (outside - 1 - i) & 7
		if c.grid[start+steps[direction]] != 0 {
			return direction, true
		}
	}
	return 0, false
}
