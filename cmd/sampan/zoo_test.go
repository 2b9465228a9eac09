package main

import "testing"

func TestBytesText(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 bytes", 999: "999 bytes", 1000: "1.0 kB", 2808: "2.8 kB", 999_949: "999.9 kB", 999_960: "1.0 MB",
		5_000_000: "5.0 MB", 1_300_000_000: "1.3 GB", 1 << 40: "1.1 TB",
	} {
		if got := bytesText(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}
