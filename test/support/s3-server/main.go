// Command s3-server is Versity's S3 gateway over a folder, for tests. It ends when its standard input does.
package main

import (
	"context"
	"io"
	"log"
	"os"
	"path/filepath"

	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"
)

// Arguments: the folder, in which it finds "data", "meta" and "iam"; the address to listen at; the root user's access key and
// secret key.
func main() {
	folder, address, access, secret := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	if err := serve(ctx, folder, address, access, secret); err != nil && ctx.Err() == nil {
		log.Fatal(err)
	}
}

func serve(ctx context.Context, folder, address, access, secret string) error {
	// Not in extended attributes, which not every file system has.
	metaDir := filepath.Join(folder, "meta")
	metadata, err := meta.NewSideCar(metaDir)
	if err != nil {
		return err
	}
	options := posix.PosixOpts{SideCarDir: metaDir, Concurrency: 64}
	backend, err := posix.New(filepath.Join(folder, "data"), metadata, options)
	if err != nil {
		return err
	}
	return embedgw.RunVersityGW(ctx, backend, &embedgw.Config{
		RootUserAccess:    access,
		RootUserSecret:    secret,
		Ports:             []string{address},
		MaxConnections:    256,
		MaxRequests:       256,
		MultipartMaxParts: 10000,
		KeepAlive:         true,
		Quiet:             true,
		HealthPath:        "/health",
		IAMDir:            filepath.Join(folder, "iam"),
		IAMCacheDisable:   true,
	})
}
