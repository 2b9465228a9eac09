package http

import (
	"bytes"

	"github.com/cloudwego/hertz/pkg/protocol"
	"github.com/cloudwego/hertz/pkg/protocol/consts"

	"github.com/sampanml/sampan"
)

// checkFraming refuses headers that leave room for doubt where the body ends: a proxy
// in front that decides otherwise would let one client's request pass as another's.
func checkFraming(h *protocol.RequestHeader) error {
	lengths, encodings := 0, 0
	for rest := h.RawHeaders(); len(rest) > 0; {
		end := bytes.IndexByte(rest, '\n')
		if end < 1 || rest[end-1] != '\r' {
			return sampan.Errorf(sampan.InvalidArgument, "a header's line does not end as HTTP wants")
		}
		line := rest[:end-1]
		rest = rest[end+1:]
		if len(line) == 0 {
			continue
		}
		switch line[0] {
		case ' ', '\t':
			return sampan.Errorf(sampan.InvalidArgument, "a header goes on in a second line, which HTTP/1.1 does not allow")
		case 'c', 'C':
			if _, ok := header(line, "content-length"); ok {
				lengths++
			}
		case 't', 'T':
			if value, ok := header(line, "transfer-encoding"); ok {
				encodings++
				if !bytes.EqualFold(value, []byte("chunked")) {
					return fault{consts.StatusNotImplemented, sampan.Errorf(sampan.Unimplemented, "Transfer-Encoding %.64q is not known, want \"chunked\"", value)}
				}
			}
		}
	}
	switch {
	case lengths+encodings > 1:
		return sampan.Errorf(sampan.InvalidArgument, "%d Content-Length and %d Transfer-Encoding headers, want one of them", lengths, encodings)
	case encodings > 0 && !h.IsHTTP11():
		return sampan.Errorf(sampan.InvalidArgument, "Transfer-Encoding in a request of HTTP/1.0")
	}
	return nil
}

// header reports whether a line is that of the header, and its value.
func header(line []byte, name string) (value []byte, ok bool) {
	if len(line) <= len(name) || line[len(name)] != ':' || !bytes.EqualFold(line[:len(name)], []byte(name)) {
		return nil, false
	}
	return bytes.TrimSpace(line[len(name)+1:]), true
}
