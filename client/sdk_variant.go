package client

import (
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/sampanml/sampan/internal/cluster"
	"github.com/sampanml/sampan/kitex_gen/configure"
)

// What Paddle Serving's SDK does where no file says anything.
const (
	sdkProtocol = "baidu_std"
	sdkBalance  = "la"
)

// spot finds where a field of a variant is set, for a message: in the variant itself
// or in the defaults.
type spot struct {
	at      string
	variant protoreflect.Message
}

// of is where conf.field is.
func (p spot) of(conf, field protoreflect.Name) string {
	d := p.variant.Descriptor().Fields().ByName(conf)
	if inner := p.variant.Get(d).Message(); p.variant.Has(d) && inner.Has(inner.Descriptor().Fields().ByName(field)) {
		return p.at + "." + string(conf) + "." + string(field)
	}
	return "default_variant_conf." + string(conf) + "." + string(field)
}

// variant checks a variant.
func (l *sdkLoader) variant(at string, v *configure.VariantConf) Variant {
	p := spot{at, v.ProtoReflect()}
	m := l.merged(v)
	out := Variant{Tag: m.GetTag(), Cluster: m.GetNamingConf().GetCluster()}
	if out.Tag == "" {
		l.fault(at+".tag", "is missing")
	}
	l.rpc(p, m.GetRpcParameter(), &out.Config)
	l.connection(p, m.GetConnectionConf(), &out.Config)
	l.naming(p, at, m.GetNamingConf(), &out.Config)
	if m.GetSplitConf() != nil {
		l.fault(at+".split_conf", "channels cannot be split by tag; make a variant of each")
	}
	if len(l.faults) == 0 {
		for _, fault := range out.Config.faults() {
			l.fault(at, "%v", fault)
		}
	}
	return out
}

func (l *sdkLoader) rpc(p spot, m *configure.RpcParameter, c *Config) {
	protocol := sdkProtocol
	if m.GetProtocol() != "" {
		protocol = m.GetProtocol()
	}
	// brpc's name for gRPC.
	if protocol == "h2:grpc" {
		protocol = GRPC.String()
	}
	var err error
	if c.Transport, err = ParseTransport(protocol); err != nil {
		l.fault(p.of("rpc_parameter", "protocol"), "%v", err)
	}
	compression := m.GetCompressType()
	at := p.of("rpc_parameter", "compress_type")
	switch {
	case compression > uint32(Zlib):
		l.fault(at, "%d, want 0 (none), 1 (snappy), 2 (gzip) or 3 (zlib)", compression)
	case compression != 0 && err == nil && c.Transport != BaiduStd:
		l.fault(at, "%d, but requests are not compressed over %v", compression, c.Transport)
	default:
		c.Compression = Compression(compression)
	}
	if m.GetPackageSize() != 0 {
		l.note(p.of("rpc_parameter", "package_size"), "has no effect")
	}
	if m.GetMaxChannelPerRequest() != 0 {
		l.note(p.of("rpc_parameter", "max_channel_per_request"), "has no effect")
	}
}

// connection comes after rpc: what can be done with connections depends on the
// transport.
func (l *sdkLoader) connection(p spot, m *configure.ConnectionConf, c *Config) {
	const conf = "connection_conf"
	positive := func(field protoreflect.Name, value *int32) int {
		if value == nil {
			return 0
		}
		if *value < 1 {
			l.fault(p.of(conf, field), "%d, want 1 or more", *value)
		}
		return int(*value)
	}
	if m == nil {
		m = new(configure.ConnectionConf)
	}
	c.ConnectTimeout = time.Duration(positive("connect_timeout_ms", m.ConnectTimeoutMs)) * time.Millisecond
	c.Timeout = time.Duration(positive("rpc_timeout_ms", m.RpcTimeoutMs)) * time.Millisecond
	most := positive("max_connection_per_host", m.MaxConnectionPerHost)
	if n := m.ConnectRetryCount; n != nil {
		c.Retries = int(*n)
		if *n < 0 {
			l.fault(p.of(conf, "connect_retry_count"), "%d, want 0 or more", *n)
		}
		if *n == 0 {
			c.Retries = -1
		}
	}
	if n := m.GetHedgeRequestTimeoutMs(); n < -1 {
		l.fault(p.of(conf, "hedge_request_timeout_ms"), "%d, want 1 or more, or -1 for never", n)
	} else if n > 0 {
		c.HedgeAfter = time.Duration(n) * time.Millisecond
		if m.GetHedgeFetchRetryCount() > 1 {
			l.note(p.of(conf, "hedge_fetch_retry_count"), "has no effect: a call is hedged once")
		}
	}
	at := p.of(conf, "connection_type")
	switch kind := m.GetConnectionType(); {
	case kind == "single" && !c.Transport.shares():
		l.fault(at, `"single", but over %v a connection carries one call at a time`, c.Transport)
	case kind == "single":
		c.Connections = Single
	case kind == "short" && c.Transport == GRPC:
		l.fault(at, `"short", but over grpc connections are kept`)
	case kind == "short":
		c.Connections = Short
	case kind != "pooled" && kind != "":
		l.fault(at, `%q, want "pooled", "single" or "short"`, kind)
	}
	// Where calls share connections a few do for all.
	if usual := (Config{Transport: c.Transport, Connections: c.Connections}).withDefaults().MaxConns; c.Connections != Single && most > 0 {
		c.MaxConns = most
		if c.Transport.shares() {
			c.MaxConns = min(most, usual)
		}
	}
}

func (l *sdkLoader) naming(p spot, at string, m *configure.NamingConf, c *Config) {
	balance := sdkBalance
	if m.GetLoadBalanceStrategy() != "" {
		balance = m.GetLoadBalanceStrategy()
	}
	rule, err := cluster.ParseBalance(balance)
	if err != nil {
		l.fault(p.of("naming_conf", "load_balance_strategy"), "%v", err)
	}
	c.Balance = Balance(rule)
	if s := m.GetClusterFilterStrategy(); s != "" && s != "Default" {
		l.note(p.of("naming_conf", "cluster_filter_strategy"), "has no effect")
	}
	if m.GetCluster() == "" {
		l.fault(at+".naming_conf.cluster", "is missing")
	} else if _, err := cluster.ParseNaming(m.GetCluster()); err != nil {
		l.fault(p.of("naming_conf", "cluster"), "%v", err)
	}
}
