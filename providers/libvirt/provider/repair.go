package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	golibvirt "github.com/digitalocean/go-libvirt"
	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
)

// repair closes three holes of the Terraform provider. Some creates, when they fail half-way, leave an object
// in libvirt that no state knows, so that the next one fails as the name is taken (its issues 423, 494, 921).
// Some deletes fail where the object has gone already (its issue 1060). And what a seed's volume holds, which is
// downloaded to be looked at, comes back short at times on a host under load.
func repair(p *schema.Provider, c *connections) {
	p.ConfigureFunc = c.remember(p.ConfigureFunc)
	for name, rest := range leftovers {
		resource := p.ResourcesMap[name]
		resource.CreateContext = removeLeftover(rest, c.host, resource.CreateContext)
	}
	for name, gone := range lookups {
		resource := p.ResourcesMap[name]
		resource.DeleteContext = acceptGone(gone, c.host, resource.DeleteContext)
	}
	seed := p.ResourcesMap["libvirt_cloudinit_disk"]
	create, read := seed.CreateContext, seed.ReadContext
	seed.CreateContext = readAgain(create, read, time.Second)
	seed.ReadContext = readAgain(schema.CreateContextFunc(read), read, time.Second)
}

// shortDownload is the beginning of the error of a seed that could not be read after its volume was downloaded.
const shortDownload = "error while retrieving remote ISO"

// readTries is how often a seed is downloaded again before the error stands.
const readTries = 5

// readAgain reads a seed again where the operation has ended with a download that was cut short.
func readAgain(operate schema.CreateContextFunc, read schema.ReadContextFunc, pause time.Duration) func(
	context.Context, *schema.ResourceData, any,
) diag.Diagnostics {
	return func(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
		diags := operate(ctx, d, meta)
		for try := 0; try < readTries && beginsWith(diags, shortDownload); try++ {
			select {
			case <-ctx.Done():
				return diags
			case <-time.After(pause):
			}
			diags = read(ctx, d, meta)
		}
		return diags
	}
}

// connect returns the libvirt that a client of the Terraform provider is connected to.
type connect func(meta any) (host, error)

// A leftover is what a create that failed half-way leaves in libvirt.
type leftover struct {
	// failures are the beginnings of the errors after which the object exists and is this create's own.
	failures []string
	exists   func(host, *schema.ResourceData) (bool, error)
	remove   func(host, *schema.ResourceData) error
}

// removeLeftover makes create remove what it leaves when it fails. An object which was there before is never
// touched, and neither is one when the failure does not prove that this create made it.
func removeLeftover(rest leftover, open connect, create schema.CreateContextFunc) schema.CreateContextFunc {
	return func(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
		h, err := open(meta)
		if err != nil {
			return diag.FromErr(err)
		}
		existed, err := rest.exists(h, d)
		if err != nil {
			return diag.Errorf("looking for %q before creating it: %s", d.Get("name"), err)
		}
		diags := create(ctx, d, meta)
		if existed || !rest.leftBy(diags) {
			return diags
		}
		if err := rest.remove(h, d); err != nil && !isGone(err) {
			return append(diags, diag.Diagnostic{
				Severity: diag.Error,
				Summary:  fmt.Sprintf("could not remove the half-made %q: %s. Remove it by hand.", d.Get("name"), err),
			})
		}
		d.SetId("")
		return diags
	}
}

func (l leftover) leftBy(diags diag.Diagnostics) bool {
	return beginsWith(diags, l.failures...)
}

// beginsWith tells whether one of the errors begins with one of the texts.
func beginsWith(diags diag.Diagnostics, beginnings ...string) bool {
	for _, diagnostic := range diags {
		for _, beginning := range beginnings {
			if diagnostic.Severity == diag.Error && strings.HasPrefix(diagnostic.Summary, beginning) {
				return true
			}
		}
	}
	return false
}

// acceptGone makes remove succeed where the object has gone already.
func acceptGone(
	lookup func(host, golibvirt.UUID) error, open connect, remove schema.DeleteContextFunc,
) schema.DeleteContextFunc {
	return func(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
		h, err := open(meta)
		if err != nil {
			return diag.FromErr(err)
		}
		id, err := uuid.Parse(d.Id())
		if err != nil {
			return diag.Errorf("the id %q is not a UUID: %s", d.Id(), err)
		}
		if err := lookup(h, golibvirt.UUID(id)); isGone(err) {
			return nil
		}
		return remove(ctx, d, meta)
	}
}

// isGone tells whether libvirt says that there is no such object.
func isGone(err error) bool {
	var answer golibvirt.Error
	if !errors.As(err, &answer) {
		return false
	}
	switch golibvirt.ErrorNumber(answer.Code) {
	case golibvirt.ErrNoDomain, golibvirt.ErrNoNetwork, golibvirt.ErrNoStoragePool, golibvirt.ErrNoStorageVol:
		return true
	}
	return false
}
