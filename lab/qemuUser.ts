/**
 * The user and group which QEMU processes run as: the number that Debian reserves for libvirt-qemu, whether or
 * not the machine knows it by name.
 */
export const QEMU_ID = 64055;
