package paddle

// pirVision has the operators on images and boxes.
var pirVision = map[string]*pirRule{
	"affine_grid":              rule("affine_grid", "Theta output_shape:ints|OutputShape", "Output", ""),
	"anchor_generator":         rule("anchor_generator", "Input", "Anchors Variances", ""),
	"bicubic_interp":           rule("bicubic_interp_v2", "X OutSize SizeTensor Scale", "Out", "data_format>data_layout"),
	"bilinear_interp":          rule("bilinear_interp_v2", "X OutSize SizeTensor Scale", "Out", "data_format>data_layout"),
	"bipartite_match":          rule("bipartite_match", "DistMat", "ColToRowMatchIndices ColToRowMatchDist", ""),
	"box_clip":                 rule("box_clip", "Input ImInfo", "Output", ""),
	"box_coder":                rule("box_coder", "PriorBox PriorBoxVar TargetBox", "OutputBox", ""),
	"collect_fpn_proposals":    rule("collect_fpn_proposals", "MultiLevelRois MultiLevelScores MultiLevelRoIsNum", "FpnRois RoisNum", "post_nms_topn>post_nms_topN"),
	"distribute_fpn_proposals": rule("distribute_fpn_proposals", "FpnRois RoisNum", "MultiFpnRois MultiLevelRoIsNum RestoreIndex", ""),
	"generate_proposals":       rule("generate_proposals_v2", "Scores BboxDeltas ImShape Anchors Variances", "RpnRois RpnRoiProbs RpnRoisNum", "pre_nms_top_n>pre_nms_topN post_nms_top_n>post_nms_topN"),
	"grid_sample":              rule("grid_sampler", "X Grid", "Output", ""),
	"linear_interp":            rule("linear_interp_v2", "X OutSize SizeTensor Scale", "Out", "data_format>data_layout"),
	"matrix_nms":               rule("matrix_nms", "BBoxes Scores", "Out Index RoisNum", ""),
	"multiclass_nms3":          rule("multiclass_nms3", "BBoxes Scores RoisNum", "Out Index NmsRoisNum", ""),
	"nearest_interp":           rule("nearest_interp_v2", "X OutSize SizeTensor Scale", "Out", "data_format>data_layout"),
	"nms":                      rule("nms", "Boxes", "KeepBoxesIdxs", "threshold>iou_threshold"),
	"prior_box":                rule("prior_box", "Input Image", "Boxes Variances", ""),
	"psroi_pool":               rule("psroi_pool", "X ROIs RoisNum", "Out", ""),
	"roi_align":                rule("roi_align", "X ROIs RoisNum", "Out", ""),
	"roi_pool":                 rule("roi_pool", "X ROIs RoisNum", "Out Argmax", ""),
	"trilinear_interp":         rule("trilinear_interp_v2", "X OutSize SizeTensor Scale", "Out", "data_format>data_layout"),
	"yolo_box":                 rule("yolo_box", "X ImgSize", "Boxes Scores", ""),
}
