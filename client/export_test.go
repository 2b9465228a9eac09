package client

// StartSums runs a server for the examples: its model answers the sum of each row.
func StartSums() (address string, stop func(), err error) {
	return start("127.0.0.1:0", sums)
}
