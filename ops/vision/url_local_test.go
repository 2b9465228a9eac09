package vision

import "testing"

// A name that is allowed leads to no machine of the local network, whatever its owner says.
func TestPublic(t *testing.T) {
	for address, want := range map[string]bool{
		"93.184.215.14:80": true, "[2606:2800:220:1::1]:443": true,
		"127.0.0.1:80": false, "[::1]:80": false, "[::ffff:127.0.0.1]:80": false, "0.0.0.0:80": false, "10.1.2.3:80": false,
		"172.16.0.1:80": false, "192.168.0.1:80": false, "169.254.169.254:80": false, "[fe80::1]:80": false, "[fd00::1]:80": false, "224.0.0.1:80": false,
		"0.1.2.3:80": false, "100.100.100.200:80": false, "[64:ff9b::7f00:1]:80": false,
	} {
		if err := public("tcp", address, nil); (err == nil) != want {
			t.Errorf("%s: %v", address, err)
		}
	}
}
