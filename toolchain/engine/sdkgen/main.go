// Command sdkgen writes the TypeScript SDK of a Pulumi package from its schema:
//
//	go run ./sdkgen SCHEMA FOLDER
//
// It lives in the engine's module because it needs the engine's code generator, which the plugins do not. The
// engine's own `pulumi package gen-sdk` asks the language host, and the one that is built here cannot do it.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

// ours are files which the generator writes too, and which are kept by hand instead: they fit the SDK into
// this repository's build.
var ours = []string{"README.md", "package.json", "tsconfig.json", ".gitignore"}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "sdkgen:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("usage: sdkgen SCHEMA FOLDER")
	}
	text, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	var spec schema.PackageSpec
	if err := json.Unmarshal(text, &spec); err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	pkg, problems, err := schema.BindSpec(spec, schema.NewNullLoader(), schema.ValidationOptions{})
	if err != nil {
		return err
	}
	if problems.HasErrors() {
		return fmt.Errorf("%s: %w", args[0], problems)
	}
	files, err := nodejs.GeneratePackage("sdkgen", pkg, nil, nil, false, schema.NewCachedLoader(nil))
	if err != nil {
		return err
	}
	if err := removeGenerated(args[1]); err != nil {
		return err
	}
	for name, content := range files {
		if slices.Contains(ours, name) {
			continue
		}
		path := filepath.Join(args[1], name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// removeGenerated removes the TypeScript sources of an earlier run: a resource may have gone.
func removeGenerated(folder string) error {
	for _, pattern := range []string{"*.ts", "*/*.ts"} {
		paths, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil {
			return err
		}
		for _, path := range paths {
			if filepath.Base(filepath.Dir(path)) == "bin" {
				continue
			}
			if err := os.Remove(path); err != nil {
				return err
			}
		}
	}
	return nil
}
