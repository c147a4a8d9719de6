// Package provider bridges the Terraform provider for libvirt to Pulumi.
package provider

import (
	"github.com/dmacvicar/terraform-provider-libvirt/libvirt"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
)

const (
	// Name is the plugin's name, and the first part of its resources' types.
	Name = "libvirt"
	// Version is that of the Terraform provider's module in go.mod.
	Version = "0.8.3"
)

var upstreamLicense = tfbridge.Apache20LicenseType

// Info is the bridge's description of the provider. Resource types are those of the retired official Pulumi
// package, all in one module: libvirt:index/domain:Domain.
func Info() tfbridge.ProviderInfo {
	upstream := libvirt.Provider()
	repair(upstream, newConnections())
	info := tfbridge.ProviderInfo{
		P:                 shim.NewProvider(upstream),
		Name:              Name,
		Version:           Version,
		DisplayName:       "libvirt",
		Description:       "Virtual machines, disks and networks on libvirt.",
		License:           "Apache-2.0",
		TFProviderLicense: &upstreamLicense,
		Repository:        "https://github.com/dmacvicar/terraform-provider-libvirt",
		GitHubOrg:         "dmacvicar",
		JavaScript:        &tfbridge.JavaScriptInfo{PackageName: "@pulumi/libvirt"},
		Config: map[string]*tfbridge.SchemaInfo{
			"uri": {Default: &tfbridge.DefaultInfo{EnvVars: []string{"LIBVIRT_DEFAULT_URI"}}},
		},
		Resources: map[string]*tfbridge.ResourceInfo{
			"libvirt_cloudinit_disk": {
				Tok:  tfbridge.MakeResource(Name, "index", "CloudInitDisk"),
				Docs: &tfbridge.DocInfo{Source: "cloudinit.html.markdown"},
			},
			"libvirt_ignition": {Docs: &tfbridge.DocInfo{Source: "coreos_ignition.html.markdown"}},
		},
	}
	info.MustComputeTokens(tokens.SingleModule("libvirt_", "index", tokens.MakeStandard(Name)))
	return info
}
