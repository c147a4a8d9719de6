package provider

import (
	golibvirt "github.com/digitalocean/go-libvirt"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
)

// host is what the repairs use of a libvirt connection.
type host interface {
	DomainLookupByName(name string) (golibvirt.Domain, error)
	DomainLookupByUUID(id golibvirt.UUID) (golibvirt.Domain, error)
	DomainIsActive(domain golibvirt.Domain) (int32, error)
	DomainDestroy(domain golibvirt.Domain) error
	DomainUndefineFlags(domain golibvirt.Domain, flags golibvirt.DomainUndefineFlagsValues) error
	NetworkLookupByUUID(id golibvirt.UUID) (golibvirt.Network, error)
	StoragePoolLookupByName(name string) (golibvirt.StoragePool, error)
	StoragePoolIsActive(pool golibvirt.StoragePool) (int32, error)
	StoragePoolDestroy(pool golibvirt.StoragePool) error
	StoragePoolUndefine(pool golibvirt.StoragePool) error
	StorageVolLookupByName(pool golibvirt.StoragePool, name string) (golibvirt.StorageVol, error)
	StorageVolDelete(volume golibvirt.StorageVol, flags golibvirt.StorageVolDeleteFlags) error
}

// leftovers lists the Terraform resources whose create can leave something behind. Networks are not among
// them: the Terraform provider itself removes a network that does not start.
var leftovers = map[string]leftover{
	"libvirt_domain": {
		failures: []string{"error setting autostart for domain", "error creating libvirt domain"},
		exists:   found(findDomain),
		remove:   removeDomain,
	},
	"libvirt_pool": {
		failures: []string{
			"error building libvirt storage pool",
			"error setting up libvirt storage pool",
			"error starting libvirt storage pool",
			"error refreshing libvirt storage pool",
		},
		exists: found(findPool),
		remove: removePool,
	},
	"libvirt_volume":         halfUploaded,
	"libvirt_cloudinit_disk": halfUploaded,
	"libvirt_ignition":       halfUploaded,
	"libvirt_combustion":     halfUploaded,
}

var halfUploaded = leftover{
	failures: []string{"error while uploading"},
	exists:   found(findVolume),
	remove:   removeVolume,
}

// lookups lists the Terraform resources whose delete fails where the object has gone.
var lookups = map[string]func(host, golibvirt.UUID) error{
	"libvirt_domain": func(h host, id golibvirt.UUID) error {
		_, err := h.DomainLookupByUUID(id)
		return err
	},
	"libvirt_network": func(h host, id golibvirt.UUID) error {
		_, err := h.NetworkLookupByUUID(id)
		return err
	},
}

func found[T any](find func(host, *schema.ResourceData) (T, error)) func(host, *schema.ResourceData) (bool, error) {
	return func(h host, d *schema.ResourceData) (bool, error) {
		_, err := find(h, d)
		if isGone(err) {
			return false, nil
		}
		return err == nil, err
	}
}

func findDomain(h host, d *schema.ResourceData) (golibvirt.Domain, error) {
	return h.DomainLookupByName(d.Get("name").(string))
}

func removeDomain(h host, d *schema.ResourceData) error {
	domain, err := findDomain(h, d)
	if err != nil {
		return err
	}
	active, err := h.DomainIsActive(domain)
	if err != nil {
		return err
	}
	if active != 0 {
		if err := h.DomainDestroy(domain); err != nil {
			return err
		}
	}
	return h.DomainUndefineFlags(domain, golibvirt.DomainUndefineNvram|golibvirt.DomainUndefineManagedSave)
}

func findPool(h host, d *schema.ResourceData) (golibvirt.StoragePool, error) {
	return h.StoragePoolLookupByName(d.Get("name").(string))
}

// removePool leaves the pool's folder as it is: it may have been there before.
func removePool(h host, d *schema.ResourceData) error {
	pool, err := findPool(h, d)
	if err != nil {
		return err
	}
	active, err := h.StoragePoolIsActive(pool)
	if err != nil {
		return err
	}
	if active != 0 {
		if err := h.StoragePoolDestroy(pool); err != nil {
			return err
		}
	}
	return h.StoragePoolUndefine(pool)
}

func findVolume(h host, d *schema.ResourceData) (golibvirt.StorageVol, error) {
	pool, err := h.StoragePoolLookupByName(d.Get("pool").(string))
	if err != nil {
		return golibvirt.StorageVol{}, err
	}
	return h.StorageVolLookupByName(pool, d.Get("name").(string))
}

func removeVolume(h host, d *schema.ResourceData) error {
	volume, err := findVolume(h, d)
	if err != nil {
		return err
	}
	return h.StorageVolDelete(volume, golibvirt.StorageVolDeleteNormal)
}
