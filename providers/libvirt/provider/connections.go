package provider

import (
	"fmt"
	"sync"

	golibvirt "github.com/digitalocean/go-libvirt"
	"github.com/dmacvicar/terraform-provider-libvirt/libvirt/uri"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
)

// connections gives the repairs a libvirt connection of their own: the Terraform provider's client keeps its
// connection to itself. There is one connection for a URI, opened when first asked for.
type connections struct {
	mu   sync.Mutex
	uris map[any]string // by the Terraform provider's client
	open map[string]*golibvirt.Libvirt
}

func newConnections() *connections {
	return &connections{uris: map[any]string{}, open: map[string]*golibvirt.Libvirt{}}
}

// remember notes which URI each client that configure makes is connected to.
func (c *connections) remember(configure schema.ConfigureFunc) schema.ConfigureFunc {
	return func(d *schema.ResourceData) (any, error) {
		meta, err := configure(d)
		if err != nil {
			return nil, unreachable(d.Get("uri").(string), err)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.uris[meta] = d.Get("uri").(string)
		return meta, nil
	}
}

// host returns the libvirt that the client is connected to.
func (c *connections) host(meta any) (host, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	address, known := c.uris[meta]
	if !known {
		return nil, fmt.Errorf("the provider is not configured")
	}
	if connection, opened := c.open[address]; opened && connection.IsConnected() {
		return connection, nil
	}
	parsed, err := uri.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("libvirt URI %q: %w", address, err)
	}
	connection := golibvirt.NewWithDialer(parsed)
	if err := connection.ConnectToURI(golibvirt.ConnectURI(parsed.RemoteName())); err != nil {
		return nil, unreachable(address, err)
	}
	c.open[address] = connection
	return connection, nil
}

func unreachable(address string, err error) error {
	return fmt.Errorf("libvirt at %q does not answer: %w. Start libvirtd there (systemctl start libvirtd), "+
		"see that this user may use it (group libvirt), or correct the hypervisor's uri", address, err)
}
