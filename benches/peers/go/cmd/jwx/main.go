// Validates a session token with jwx, in the version that the official Go SDK uses: cached keys, chosen by the key ID in the
// token's header, five seconds of clock skew, and the claims as a map.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwk"
	"github.com/lestrrat-go/jwx/v2/jwt"

	"descope-ml-bench/harness"
)

func main() {
	harness.Main("jwx", "validate", prepare)
}

func prepare() (func() error, error) {
	keys, err := jwk.ReadFile(os.Getenv("BENCH_KEYS"))
	if err != nil {
		return nil, err
	}
	token := []byte(os.Getenv("BENCH_TOKEN"))
	user := os.Getenv("BENCH_USER")
	options := []jwt.ParseOption{
		jwt.WithKeySet(keys),
		jwt.WithAcceptableSkew(5 * time.Second),
		jwt.WithIssuer(os.Getenv("BENCH_PROJECT")),
	}
	return func() error {
		session, err := jwt.Parse(token, options...)
		if err != nil {
			return err
		}
		claims, err := session.AsMap(context.Background())
		if err != nil {
			return err
		}
		if claims["sub"] != user {
			return fmt.Errorf("the token belongs to another user: %v", claims["sub"])
		}
		return nil
	}, nil
}
