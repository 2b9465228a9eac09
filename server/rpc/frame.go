package rpc

import (
	"github.com/cloudwego/netpoll"

	"github.com/sampanml/sampan/internal/loan"
)

// forReply gives memory, empty, for a reply of about so many bytes. A large one netpoll
// keeps until it is sent, which nobody is told of, so that memory is not lent.
func forReply(size int) *loan.Memory {
	if size > netpoll.BinaryInplaceThreshold {
		return loan.Of(make([]byte, 0, size))
	}
	m := loan.Take(size)
	m.Bytes = m.Bytes[:0]
	return m
}
