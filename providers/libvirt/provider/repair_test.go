package provider

import (
	"context"
	"strings"
	"testing"
	"time"

	golibvirt "github.com/digitalocean/go-libvirt"
	"github.com/dmacvicar/terraform-provider-libvirt/libvirt"
	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
)

// fakeHost is a libvirt that knows domains, pools and volumes by name alone.
type fakeHost struct {
	host
	domains, pools, volumes map[string]bool
	running                 map[string]bool
	failing                 error
}

func newFakeHost() *fakeHost {
	return &fakeHost{
		domains: map[string]bool{}, pools: map[string]bool{"default": true}, volumes: map[string]bool{},
		running: map[string]bool{},
	}
}

func (f *fakeHost) answer(known bool, code golibvirt.ErrorNumber) error {
	if f.failing != nil {
		return f.failing
	}
	if !known {
		return golibvirt.Error{Code: uint32(code), Message: "not found"}
	}
	return nil
}

func (f *fakeHost) DomainLookupByName(name string) (golibvirt.Domain, error) {
	return golibvirt.Domain{Name: name}, f.answer(f.domains[name], golibvirt.ErrNoDomain)
}

func (f *fakeHost) DomainLookupByUUID(golibvirt.UUID) (golibvirt.Domain, error) {
	return golibvirt.Domain{}, f.answer(len(f.domains) > 0, golibvirt.ErrNoDomain)
}

func (f *fakeHost) DomainIsActive(domain golibvirt.Domain) (int32, error) {
	if f.running[domain.Name] {
		return 1, nil
	}
	return 0, nil
}

func (f *fakeHost) DomainDestroy(domain golibvirt.Domain) error {
	delete(f.running, domain.Name)
	return nil
}

func (f *fakeHost) DomainUndefineFlags(domain golibvirt.Domain, _ golibvirt.DomainUndefineFlagsValues) error {
	if f.failing != nil {
		return f.failing
	}
	delete(f.domains, domain.Name)
	return nil
}

func (f *fakeHost) StoragePoolLookupByName(name string) (golibvirt.StoragePool, error) {
	return golibvirt.StoragePool{Name: name}, f.answer(f.pools[name], golibvirt.ErrNoStoragePool)
}

func (f *fakeHost) StoragePoolIsActive(golibvirt.StoragePool) (int32, error) { return 0, nil }

func (f *fakeHost) StoragePoolUndefine(pool golibvirt.StoragePool) error {
	delete(f.pools, pool.Name)
	return nil
}

func (f *fakeHost) StorageVolLookupByName(_ golibvirt.StoragePool, name string) (golibvirt.StorageVol, error) {
	return golibvirt.StorageVol{Name: name}, f.answer(f.volumes[name], golibvirt.ErrNoStorageVol)
}

func (f *fakeHost) StorageVolDelete(volume golibvirt.StorageVol, _ golibvirt.StorageVolDeleteFlags) error {
	delete(f.volumes, volume.Name)
	return nil
}

func to(f *fakeHost) connect { return func(any) (host, error) { return f, nil } }

// create runs the repaired create of a Terraform resource, whose own create does what half does and fails.
func create(t *testing.T, f *fakeHost, kind, failure string, half func(*schema.ResourceData)) (*schema.ResourceData, diag.Diagnostics) {
	t.Helper()
	d := libvirt.Provider().ResourcesMap[kind].Data(nil)
	if err := d.Set("name", "web-1"); err != nil {
		t.Fatal(err)
	}
	if kind != "libvirt_domain" && kind != "libvirt_pool" {
		if err := d.Set("pool", "default"); err != nil {
			t.Fatal(err)
		}
	}
	repaired := removeLeftover(leftovers[kind], to(f), func(_ context.Context, d *schema.ResourceData, _ any) diag.Diagnostics {
		half(d)
		return diag.Errorf("%s", failure)
	})
	return d, repaired(context.Background(), d, nil)
}

func TestADomainThatDoesNotStartIsUndefined(t *testing.T) {
	f := newFakeHost()
	_, diags := create(t, f, "libvirt_domain", "error creating libvirt domain: no such kernel", func(*schema.ResourceData) {
		f.domains["web-1"], f.running["web-1"] = true, true
	})
	if f.domains["web-1"] || f.running["web-1"] {
		t.Error("the domain is still there")
	}
	if len(diags) != 1 || !strings.Contains(diags[0].Summary, "no such kernel") {
		t.Errorf("the cause is not what is reported: %v", diags)
	}
}

func TestADomainOfSomebodyElseIsLeftAlone(t *testing.T) {
	cases := map[string]struct {
		before  bool
		failure string
	}{
		"there before":                  {true, "error creating libvirt domain: it runs already"},
		"made by another one meanwhile": {false, "error defining libvirt domain: domain 'web-1' already exists"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			f := newFakeHost()
			f.domains["web-1"] = c.before
			create(t, f, "libvirt_domain", c.failure, func(*schema.ResourceData) { f.domains["web-1"] = true })
			if !f.domains["web-1"] {
				t.Error("the domain has gone")
			}
		})
	}
}

func TestWhatCannotBeRemovedIsReported(t *testing.T) {
	f := newFakeHost()
	_, diags := create(t, f, "libvirt_domain", "error creating libvirt domain: no", func(*schema.ResourceData) {
		f.domains["web-1"] = true
		f.failing = golibvirt.Error{Code: uint32(golibvirt.ErrOperationDenied), Message: "denied"}
	})
	if len(diags) != 2 || !strings.Contains(diags[1].Summary, `could not remove the half-made "web-1": denied`) {
		t.Errorf("got %v", diags)
	}
}

func TestAHalfUploadedVolumeIsRemovedAndForgotten(t *testing.T) {
	for _, kind := range []string{"libvirt_volume", "libvirt_cloudinit_disk"} {
		f := newFakeHost()
		d, _ := create(t, f, kind, "error while uploading source: broken pipe", func(d *schema.ResourceData) {
			f.volumes["web-1"] = true
			d.SetId("/pool/web-1")
		})
		if f.volumes["web-1"] || d.Id() != "" {
			t.Errorf("%s: volume there: %v, id %q", kind, f.volumes["web-1"], d.Id())
		}
	}
}

func TestAPoolThatDoesNotStartIsUndefined(t *testing.T) {
	f := newFakeHost()
	create(t, f, "libvirt_pool", "error starting libvirt storage pool: no such folder", func(*schema.ResourceData) {
		f.pools["web-1"] = true
	})
	if f.pools["web-1"] {
		t.Error("the pool is still there")
	}
}

func TestDeletingWhatHasGoneSucceeds(t *testing.T) {
	f := newFakeHost()
	asked := 0
	repaired := acceptGone(lookups["libvirt_domain"], to(f), func(context.Context, *schema.ResourceData, any) diag.Diagnostics {
		asked++
		return nil
	})
	d := libvirt.Provider().ResourcesMap["libvirt_domain"].Data(nil)
	d.SetId(uuid.NewString())
	if diags := repaired(context.Background(), d, nil); diags.HasError() || asked != 0 {
		t.Errorf("gone: %v, asked %d times", diags, asked)
	}
	f.domains["web-1"] = true
	if diags := repaired(context.Background(), d, nil); diags.HasError() || asked != 1 {
		t.Errorf("there: %v, asked %d times", diags, asked)
	}
}

func TestEveryRepairedResourceExists(t *testing.T) {
	upstream := libvirt.Provider().ResourcesMap
	for name := range leftovers {
		if upstream[name] == nil {
			t.Errorf("no resource %s", name)
		}
	}
	for name := range lookups {
		if upstream[name] == nil {
			t.Errorf("no resource %s", name)
		}
	}
}

func TestASeedThatComesBackShortIsReadAgain(t *testing.T) {
	short := diag.Errorf("%s: error initializing ISO reader: corrupted-image: EOF", shortDownload)
	for _, one := range []struct {
		name           string
		created        diag.Diagnostics
		shortReads     int
		reads          int
		succeeds       bool
		readsOtherwise diag.Diagnostics
	}{
		{name: "whole at once", succeeds: true},
		{name: "short twice", created: short, shortReads: 1, reads: 2, succeeds: true},
		{name: "always short", created: short, shortReads: readTries, reads: readTries},
		{name: "another error", created: diag.Errorf("no room")},
		{name: "then another error", created: short, reads: 1, readsOtherwise: diag.Errorf("no connection")},
	} {
		t.Run(one.name, func(t *testing.T) {
			reads := 0
			create := func(context.Context, *schema.ResourceData, any) diag.Diagnostics { return one.created }
			read := func(context.Context, *schema.ResourceData, any) diag.Diagnostics {
				reads++
				if reads <= one.shortReads {
					return short
				}
				return one.readsOtherwise
			}
			diags := readAgain(create, read, time.Millisecond)(context.Background(), nil, nil)
			if reads != one.reads || diags.HasError() == one.succeeds {
				t.Errorf("read %d times, ended with %v", reads, diags)
			}
		})
	}
}

func TestACancelledSeedIsNotReadAgain(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	create := func(context.Context, *schema.ResourceData, any) diag.Diagnostics { return diag.Errorf(shortDownload) }
	read := func(context.Context, *schema.ResourceData, any) diag.Diagnostics {
		t.Error("read after the cancel")
		return nil
	}
	if diags := readAgain(create, read, time.Hour)(ctx, nil, nil); !diags.HasError() {
		t.Error("the error is lost")
	}
}
