package config_test

import (
	"fmt"

	"github.com/sampanml/sampan/server/pipeline/config"
)

func ExampleParse() {
	c, err := config.Parse("config.yml", []byte(`
http_port: 18082
op:
  uci:
    concurrency: 2
    local_service_conf: {model_config: uci_housing_model, use_mkldnn: True}
`), config.Options{Overrides: []string{"op.uci.timeout=100"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	op := c.Op("uci")
	fmt.Println(c.HTTPPort, op.Concurrency, op.Timeout, op.Local.ModelConfig)
	fmt.Println(c.Notes[0])

	_, err = config.Parse("config.yml", []byte("worker_num: 0.5\nhttp_port: 80"), config.Options{})
	fmt.Println(err)
	// Output:
	// 18082 2 100ms uci_housing_model
	// op.uci.local_service_conf.use_mkldnn has no effect: onnxruntime chooses its kernels
	// config.yml:1: worker_num: got 0.5, want an integer of at least 1
	// config.yml:2: http_port: got 80, want an integer from 1024 to 65535
}
