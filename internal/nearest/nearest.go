// Package nearest finds the name that somebody perhaps meant.
package nearest

// Name returns the candidate that differs least from name, by Levenshtein's distance;
// "" if all differ by more than half of it.
func Name(name string, candidates []string) string {
	best, least := "", len(name)/2+1
	for _, c := range candidates {
		if n := distance(name, c, least); n < least {
			best, least = c, n
		}
	}
	return best
}

// distance gives up at limit when the lengths alone differ by that much.
func distance(a, b string, limit int) int {
	if max(len(a)-len(b), len(b)-len(a)) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
