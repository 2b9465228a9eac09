package paddle

import (
	"fmt"
	"testing"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/paddle"
)

func floatsAttr(name string, v ...float32) *paddle.OpDesc_Attr {
	return &paddle.OpDesc_Attr{Name: &name, Type: paddle.AttrType_FLOATS.Enum(), Floats: v}
}

func TestVisionFaults(t *testing.T) {
	in, out := bindings{"X": {"x"}}, bindings{"Out": {"y"}}
	conv, result := bindings{"Input": {"x"}, "Filter": {"z"}}, bindings{"Output": {"y"}}
	norm, detection := bindings{"X": {"x"}, "Mean": {"z"}, "Variance": {"z"}}, bindings{"BBoxes": {"x"}, "Scores": {"z"}}
	image, filter, flat := tensor("x", -1, 4, -1, -1), tensor("z", 2, 4, 3, 3), tensor("x", -1)
	boxes, scores := tensor("x", -1, -1, 4), tensor("z", -1, 3, -1)
	one4, open := []*paddle.VarDesc{image}, []*paddle.VarDesc{image, filter}
	size := intsAttr("ksize", 2, 2)
	for _, c := range []struct {
		op   *paddle.OpDesc
		vars []*paddle.VarDesc
		code sampan.Code
		want string
	}{
		{opDesc("conv2d", conv, result, intsAttr("strides", 0, 1)), open, sampan.InvalidArgument, `strides is [0 1], want 2 numbers of at least 1`},
		{opDesc("conv2d", conv, result, intsAttr("paddings", 1, 2, 3)), open, sampan.InvalidArgument, `paddings [1 2 3], want 2 or 4 numbers of at least 0`},
		{opDesc("conv2d", conv, result, textAttr("padding_algorithm", "HALF")), open, sampan.InvalidArgument, `padding_algorithm is "HALF", want EXPLICIT, SAME or VALID`},
		{opDesc("conv2d", conv, result, textAttr("data_format", "CHWN")), open, sampan.InvalidArgument, `data_format is "CHWN", want NCHW, NHWC or one like them`},
		{opDesc("conv2d", conv, result, intAttr("groups", 0)), open, sampan.InvalidArgument, `groups is 0, want 1 or more`},
		{opDesc("conv2d", conv, result, textAttr("fuse_activation", "relu")), open, sampan.Unimplemented, `fuse_activation relu is not supported`},
		{opDesc("conv3d", conv, result), open, sampan.InvalidArgument, `shape [-1 4 -1 -1], want 5 dimensions`},
		{opDesc("conv2d_transpose", conv, result, intsAttr("output_size", 7)), open, sampan.InvalidArgument, `output_size is [7], want 2 sizes`},
		{opDesc("conv2d_transpose", conv, result, textAttr("padding_algorithm", "SAME"), intsAttr("strides", 2, 2)), open, sampan.Unimplemented,
			`padding_algorithm SAME for shape [-1 4 -1 -1] is not supported`},
		{opDesc("pool2d", in, out, size), one4, sampan.InvalidArgument, `pooling_type is "", want max or avg`},
		{opDesc("pool2d", in, out, textAttr("pooling_type", "avg"), intsAttr("ksize", 0, 2), boolAttr("adaptive", true)), one4, sampan.InvalidArgument,
			`ksize is [0 2], want 2 numbers of at least 1`},
		{opDesc("pool2d", in, out, textAttr("pooling_type", "max"), size, intsAttr("paddings", 3, 3)), []*paddle.VarDesc{flat}, sampan.InvalidArgument,
			`shape [-1], want 4 dimensions`},
		{opDesc("pool2d", in, out, textAttr("pooling_type", "max"), size, boolAttr("adaptive", true)), one4, sampan.Unimplemented,
			`adaptive maxima without indices are not supported`},
		{opDesc("batch_norm", norm, bindings{"Y": {"y"}}), open, sampan.Unimplemented, `is_test and use_global_stats are false: the program is one for training`},
		{opDesc("layer_norm", in, bindings{"Y": {"y"}}, intAttr("begin_norm_axis", 4)), one4, sampan.InvalidArgument, `axis 4 of 4 dimensions`},
		{opDesc("data_norm", bindings{"X": {"x"}, "BatchSize": {"z"}, "BatchSum": {"z"}, "BatchSquareSum": {"z"}}, bindings{"Y": {"y"}}, intAttr("slot_dim", 2)), open,
			sampan.Unimplemented, `slot_dim 2 is not supported`},
		{opDesc("bilinear_interp_v2", in, out), []*paddle.VarDesc{flat}, sampan.InvalidArgument, `shape [-1], want 4 dimensions`},
		{opDesc("bilinear_interp_v2", in, out), one4, sampan.InvalidArgument, `out_d, out_h and out_w end with [0 0] and no scale or OutSize is there`},
		{opDesc("bilinear_interp_v2", in, out, floatsAttr("scale", 2, -1)), one4, sampan.InvalidArgument, `scale is [2 -1], want numbers above 0`},
		{opDesc("bilinear_interp_v2", bindings{"X": {"x"}, "OutSize": {"z"}}, out, floatsAttr("scale", 2, 2)), open, sampan.Unimplemented,
			`a scale together with OutSize is not supported`},
		{opDesc("bicubic_interp_v2", in, out, textAttr("data_layout", "NHWC")), one4, sampan.Unimplemented, `channels last are not supported`},
		{opDesc("pad", in, out, intsAttr("paddings", 1, 1)), one4, sampan.InvalidArgument, `paddings [1 1] for shape [-1 4 -1 -1]`},
		{opDesc("pad2d", in, out, intsAttr("paddings", 1, 1, 1, 1), textAttr("mode", "mirror")), one4, sampan.InvalidArgument,
			`mode is "mirror", want constant, reflect, replicate, edge or circular`},
		{opDesc("pad3d", in, out), one4, sampan.InvalidArgument, `shape [-1 4 -1 -1], want 5 dimensions`},
		{opDesc("pixel_shuffle", in, out, intAttr("upscale_factor", 0)), one4, sampan.InvalidArgument, `upscale_factor is 0, want 1 to 1024`},
		{opDesc("channel_shuffle", in, out, intAttr("groups", -1)), one4, sampan.InvalidArgument, `groups is -1, want 1 or more`},
		{opDesc("temporal_shift", in, out), one4, sampan.InvalidArgument, `seg_num is 0, want 1 or more`},
		{opDesc("grid_sampler", bindings{"X": {"x"}, "Grid": {"z"}}, result, textAttr("mode", "cubic")), open, sampan.InvalidArgument, `mode is "cubic", want bilinear or nearest`},
		{opDesc("unfold", in, bindings{"Y": {"y"}}, intsAttr("kernel_sizes", 2)), one4, sampan.InvalidArgument, `kernel_sizes is [2], want 2 numbers of at least 1`},
		{opDesc("fold", in, bindings{"Y": {"y"}}, intsAttr("kernel_sizes", 3, 3), intsAttr("output_sizes", 1, 1)), []*paddle.VarDesc{tensor("x", -1, 9, 4)},
			sampan.InvalidArgument, `output_sizes [1 1] for kernel_sizes [3 3]`},
		{opDesc("deformable_conv", bindings{"Input": {"x"}, "Filter": {"z"}, "Offset": {"x"}}, result, intAttr("deformable_groups", 3)), open,
			sampan.InvalidArgument, `deformable_groups is 3 for 4 channels`},
		{opDesc("prior_box", bindings{"Input": {"x"}, "Image": {"x"}}, out, floatsAttr("min_sizes", 1, 2), floatsAttr("max_sizes", 3)), one4, sampan.InvalidArgument,
			`max_sizes is [3] for min_sizes [1 2]`},
		{opDesc("density_prior_box", bindings{"Input": {"x"}, "Image": {"x"}}, out, floatsAttr("fixed_sizes", 1), intsAttr("densities", 1000)), one4,
			sampan.InvalidArgument, `densities is [1000] for fixed_sizes [1], want as many numbers of 1 to 16`},
		{opDesc("anchor_generator", bindings{"Input": {"x"}}, out), one4, sampan.InvalidArgument, `stride is [], want 2 numbers`},
		{opDesc("box_coder", bindings{"PriorBox": {"x"}, "TargetBox": {"z"}}, out, textAttr("code_type", "corner")), open, sampan.InvalidArgument,
			`code_type is "corner", want encode_center_size or decode_center_size`},
		{opDesc("yolo_box", bindings{"X": {"x"}, "ImgSize": {"z"}}, out, intsAttr("anchors", 10)), open, sampan.InvalidArgument, `anchors is [10] and class_num is 0`},
		{opDesc("multiclass_nms3", detection, out, floatAttr("nms_eta", 0.9), floatAttr("nms_threshold", 0.6)), []*paddle.VarDesc{boxes, scores}, sampan.Unimplemented,
			`nms_eta 0.9 with nms_threshold 0.6 is not supported`},
		{opDesc("multiclass_nms3", detection, out), []*paddle.VarDesc{tensor("x", -1, -1, 8), scores}, sampan.Unimplemented,
			`boxes of shape [-1 -1 8] are not supported, want 4 numbers each`},
		{opDesc("matrix_nms", detection, out), []*paddle.VarDesc{boxes, tensor("z", -1, 3)}, sampan.InvalidArgument, `scores of shape [-1 3], want 3 dimensions`},
		{opDesc("roi_align", bindings{"X": {"x"}, "ROIs": {"z"}}, out), []*paddle.VarDesc{image, tensor("z", -1, 4)}, sampan.Unimplemented, `"z" has no LoD that is known`},
		{opDesc("distribute_fpn_proposals", bindings{"FpnRois": {"x"}}, bindings{"MultiFpnRois": {"y"}}, intAttr("max_level", 2)), one4, sampan.InvalidArgument,
			`1 outputs for the levels 0 to 2`},
	} {
		t.Run(c.op.GetType()+" "+c.want, func(t *testing.T) {
			want := fmt.Sprintf("__model__: operator %d (%s): %s", len(c.vars), c.op.GetType(), c.want)
			wrong(t, one(t, c.op, append(c.vars[:len(c.vars):len(c.vars)], tensor("y", -1, 4))...), c.code, want)
		})
	}
}
