package graph

import "slices"

// cycles finds the cycles that a walk along the flow meets, each in the direction of
// the flow and from its first node on; none if and only if there are none.
func cycles(depends [][]int) [][]int {
	next := make([][]int, len(depends))
	for i, list := range depends {
		for _, d := range list {
			next[d] = append(next[d], i)
		}
	}
	const (
		unseen = iota
		onPath
		done
	)
	var (
		found [][]int
		path  []int
		state = make([]int, len(depends))
		visit func(int)
	)
	visit = func(i int) {
		state[i] = onPath
		path = append(path, i)
		for _, n := range next[i] {
			switch state[n] {
			case unseen:
				visit(n)
			case onPath:
				found = append(found, rotate(path[slices.Index(path, n):]))
			}
		}
		path = path[:len(path)-1]
		state[i] = done
	}
	for i := range depends {
		if state[i] == unseen {
			visit(i)
		}
	}
	return found
}

// rotate returns the same cycle, beginning with its smallest member.
func rotate(cycle []int) []int {
	at := slices.Index(cycle, slices.Min(cycle))
	return slices.Concat(cycle[at:], cycle[:at])
}

// stages sorts the nodes of a graph without cycles: each stands in the first stage
// after those of all nodes that it depends on.
func stages(depends [][]int) [][]int {
	level := make([]int, len(depends))
	for i := range level {
		level[i] = -1
	}
	var place func(int) int
	place = func(i int) int {
		if level[i] < 0 {
			level[i] = 0
			for _, d := range depends[i] {
				level[i] = max(level[i], place(d)+1)
			}
		}
		return level[i]
	}
	var out [][]int
	for i := range depends {
		for place(i) >= len(out) {
			out = append(out, nil)
		}
		out[level[i]] = append(out[level[i]], i)
	}
	return out
}
