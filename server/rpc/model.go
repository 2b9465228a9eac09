package rpc

import (
	"context"

	"github.com/bytedance/gopkg/cloud/metainfo"
	"github.com/cloudwego/kitex/pkg/remote/trans/nphttp2/metadata"
)

// modelKey names the model that a call is for, as NAME or NAME:VERSION: in gRPC's
// metadata, and among what TTHeader hands on.
const modelKey = "sampan-model"

// modelOf is the model that a call is for; empty where it does not say.
func modelOf(ctx context.Context) string {
	if name, ok := ctx.Value(serviceKey{}).(string); ok {
		return name
	}
	if all, ok := metadata.FromIncomingContext(ctx); ok {
		if values := all.Get(modelKey); len(values) > 0 {
			return values[0]
		}
	}
	name, _ := metainfo.GetValue(ctx, modelKey)
	return name
}

// serviceKey is where a context has the service that a baidu_std call names, if that is
// no service of ours.
type serviceKey struct{}
