package rpc

import (
	"context"

	"github.com/bytedance/gopkg/cloud/metainfo"
	"github.com/cloudwego/kitex/pkg/remote/trans/nphttp2/metadata"
)

// modelKey names the model that a call is for, as NAME or NAME:VERSION, in gRPC's
// metadata or Kitex's metainfo. TTHeader has it in its header, and baidu_std in the place of the service.
const modelKey = "sampan-model"

// modelOf is the model that a gRPC call is for; empty where it does not say.
func modelOf(ctx context.Context) string {
	if all, ok := metadata.FromIncomingContext(ctx); ok {
		if values := all.Get(modelKey); len(values) > 0 {
			return values[0]
		}
	}
	name, _ := metainfo.GetValue(ctx, modelKey)
	return name
}
