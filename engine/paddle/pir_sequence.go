package paddle

// pirSequence has the operators on sequences: recurrent layers, LoD, decoding.
var pirSequence = map[string]*pirRule{
	"crf_decoding":     rule("crf_decoding", "Emission Transition Label Length", "ViterbiPath", ""),
	"ctc_align":        rule("ctc_align", "Input InputLength", "Output OutputLength", ""),
	"gru":              rule("gru", "Input H0 Weight Bias", "BatchGate BatchResetHiddenPrev BatchHidden Hidden", ""),
	"gru_unit":         rule("gru_unit", "Input HiddenPrev Weight Bias", "Gate ResetHiddenPrev Hidden", ""),
	"im2sequence":      rule("im2sequence", "X Y", "Out", ""),
	"lod_reset":        rule("lod_reset", "X Y", "Out", ""),
	"lstm":             rule("lstm", "Input H0 C0 Weight Bias", "Hidden Cell BatchGate BatchCellPreAct", ""),
	"rnn":              rule("rnn", "Input PreState WeightList SequenceLength -", "Out - State -", ""),
	"sequence_conv":    rule("sequence_conv", "X PaddingData Filter", "Out", "context_length>contextLength context_start>contextStart context_stride>contextStride"),
	"sequence_expand":  rule("sequence_expand", "X Y", "Out", ""),
	"sequence_pool":    rule("sequence_pool", "X", "Out MaxIndex", ""),
	"sequence_softmax": rule("sequence_softmax", "X", "Out", ""),
}
