package paddle

// pirLayer has convolutions, pools and normalisations.
var pirLayer = map[string]*pirRule{
	"affine_channel":             rule("affine_channel", "X Scale Bias", "Out", ""),
	"batch_norm":                 rule("batch_norm", "X Mean Variance Scale Bias", "Y - - - - -", "data_format>data_layout"),
	"batch_norm_":                rule("batch_norm", "X Mean Variance Scale Bias", "Y - - - - -", "data_format>data_layout"),
	"sync_batch_norm_":           rule("sync_batch_norm", "X Mean Variance Scale Bias", "Y - - - - -", "data_format>data_layout"),
	"conv2d":                     rule("conv2d", "Input Filter", "Output", ""),
	"conv2d_transpose":           rule("conv2d_transpose", "Input Filter output_size:ints", "Output", ""),
	"conv2d_transpose_bias":      rule("conv2d_transpose", "Input Filter Bias output_size:ints", "Output", ""),
	"conv3d":                     rule("conv3d", "Input Filter", "Output", ""),
	"conv3d_transpose":           rule("conv3d_transpose", "Input Filter", "Output", ""),
	"deformable_conv":            rule("deformable_conv", "Input Offset Filter Mask", "Output", ""),
	"depthwise_conv2d":           rule("depthwise_conv2d", "Input Filter", "Output", ""),
	"depthwise_conv2d_transpose": rule("depthwise_conv2d_transpose", "Input Filter output_size:ints", "Output", ""),
	"group_norm":                 rule("group_norm", "X Scale Bias", "Y - -", "data_format>data_layout"),
	"instance_norm":              rule("instance_norm", "X Scale Bias", "Y - -", ""),
	"layer_norm":                 rule("layer_norm", "X Scale Bias", "Y - -", ""),
	"lrn":                        rule("lrn", "X", "Out -", ""),
	"max_pool2d_with_index":      rule("max_pool2d_with_index", "X", "Out Mask", "kernel_size>ksize"),
	"max_pool3d_with_index":      rule("max_pool3d_with_index", "X", "Out Mask", "kernel_size>ksize"),
	"norm":                       rule("norm", "X", "Out Norm", ""),
	"pool2d":                     rule("pool2d", "X ksize:ints", "Out", ""),
	"pool3d":                     rule("pool3d", "X", "Out", "kernel_size>ksize"),
	"row_conv":                   rule("row_conv", "X Filter", "Out", ""),
	"spectral_norm":              rule("spectral_norm", "Weight U V", "Out", ""),
	"unpool":                     rule("unpool", "X Indices output_size:ints", "Out", "padding>paddings"),

	"quantize_linear":   rule("quantize_linear", "X Scale ZeroPoint InAccum InState", "Y - - -", ""),
	"dequantize_linear": rule("dequantize_linear", "X Scale ZeroPoint InAccum InState", "Y - - -", ""),
}
