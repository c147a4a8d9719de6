// Command pulumi-resource-libvirt is the Pulumi plugin for libvirt.
package main

import (
	_ "embed"

	"berth.local/providers/libvirt/provider"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
)

//go:generate go run ./schemagen schema.json
//go:generate go run -C ../../toolchain/engine ./sdkgen ../../providers/libvirt/schema.json ../../sdks/libvirt

// schema describes the resources, for the engine and the SDK's generator; `go generate` writes both.
//
//go:embed schema.json
var schema []byte

func main() {
	tfbridge.Main(provider.Name, provider.Version, provider.Info(), schema)
}
