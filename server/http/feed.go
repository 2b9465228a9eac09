package http

import (
	"maps"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/internal/wire"
)

// feedCodecs are the codecs of the feed/fetch dialect by the models' names, made once for
// each signature. Looking one up takes no lock.
type feedCodecs struct {
	making sync.Mutex
	byName atomic.Pointer[map[string]signedCodec]
}

// signedCodec is the codec for a signature.
type signedCodec struct {
	signature *engine.Signature
	codec     bodyCodec
}

// maxCodecs bounds the names that are kept: models come and go.
const maxCodecs = 1024

// of gives the codec for a model that has the signature now.
func (f *feedCodecs) of(name string, signature *engine.Signature) bodyCodec {
	if all := f.byName.Load(); all != nil {
		if kept := (*all)[name]; kept.signature == signature {
			return kept.codec
		}
	}
	made := signedCodec{signature, feedCodec(signature)}
	f.making.Lock()
	defer f.making.Unlock()
	next := map[string]signedCodec{}
	if all := f.byName.Load(); all != nil && len(*all) < maxCodecs {
		maps.Copy(next, *all)
	}
	// The name lies in the request's memory.
	next[strings.Clone(name)] = made
	f.byName.Store(&next)
	return made.codec
}

// feedCodec is the feed/fetch dialect for what a signature takes; nil takes nothing.
func feedCodec(signature *engine.Signature) bodyCodec {
	var feeds []wire.FeedVar
	if signature != nil {
		feeds = FeedVars(signature)
	}
	return bodyCodec{
		decode: func(body []byte) (*sampan.Request, error) { return wire.DecodeFeed(body, feeds) },
		encode: func(dst []byte, reply *sampan.Reply, _ *sampan.Request) ([]byte, error) {
			return wire.AppendResult(dst, reply)
		},
	}
}

// FeedVars describes a model's inputs, in the order of its signature, to the decoder of
// the feed/fetch dialect.
func FeedVars(s *engine.Signature) []wire.FeedVar {
	feeds := make([]wire.FeedVar, len(s.Inputs))
	for i, in := range s.Inputs {
		feeds[i] = wire.FeedVar{Name: in.Name, Alias: in.Alias, DType: in.DType, LoD: in.LoD}
		if len(in.Shape) > 0 {
			feeds[i].Shape = in.Shape[1:]
		}
	}
	return feeds
}
