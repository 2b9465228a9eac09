package http

import (
	"strings"
	"sync"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/internal/wire"
)

// feedCodecs are the codecs of the feed/fetch dialect by the models' names, made once for
// each signature. There are no more than names that the service knows.
type feedCodecs struct{ byName sync.Map }

// signedCodec is the codec for a signature.
type signedCodec struct {
	signature *engine.Signature
	codec     bodyCodec
}

// of gives the codec for a model that has the signature now.
func (f *feedCodecs) of(name string, signature *engine.Signature) bodyCodec {
	if kept, ok := f.byName.Load(name); ok && kept.(*signedCodec).signature == signature {
		return kept.(*signedCodec).codec
	}
	made := &signedCodec{signature, feedCodec(signature)}
	// The name lies in the request's memory.
	f.byName.Store(strings.Clone(name), made)
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
