// A login with Go's standard library: the token and JWKS requests in parallel (in sequence if there
// is an argument), verification, three claims.
package main

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"os"
	"strings"
	"time"
)

type claims struct {
	Iss, Sub, Aud, Email, Nickname string
	Exp, Iat                       int64
}

type keySet struct {
	Keys []struct{ Kid, Kty, N, E string }
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func read(response *http.Response, err error, into any) error {
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return errors.New(response.Status)
	}
	return json.NewDecoder(io.LimitReader(response.Body, 1<<20)).Decode(into)
}

func part(text string) []byte {
	bytes, err := base64.RawURLEncoding.DecodeString(text)
	must(err)
	return bytes
}

func (set keySet) key(kid string) *rsa.PublicKey {
	for _, key := range set.Keys {
		if key.Kid == kid && key.Kty == "RSA" {
			exponent := new(big.Int).SetBytes(part(key.E))
			return &rsa.PublicKey{N: new(big.Int).SetBytes(part(key.N)), E: int(exponent.Int64())}
		}
	}
	must(errors.New("no key of that kid"))
	return nil
}

func main() {
	domain := strings.TrimSuffix(os.Getenv("AUTH0_DOMAIN"), "/")
	client := http.Client{Timeout: 30 * time.Second}
	var set keySet
	keys := make(chan error, 1)
	fetch := func() {
		response, err := client.Get(domain + "/.well-known/jwks.json")
		keys <- read(response, err, &set)
	}
	inSequence := len(os.Args) > 1
	if !inSequence {
		go fetch()
	}
	body, err := json.Marshal(map[string]string{
		"grant_type":    "password",
		"username":      os.Getenv("PADLOCK_EMAIL"),
		"password":      os.Getenv("PADLOCK_PASSWORD"),
		"scope":         "openid profile email",
		"client_id":     os.Getenv("AUTH0_CLIENT_ID"),
		"client_secret": os.Getenv("AUTH0_CLIENT_SECRET"),
	})
	must(err)
	var tokens struct {
		IDToken string `json:"id_token"`
	}
	response, err := client.Post(domain+"/oauth/token", "application/json", bytes.NewReader(body))
	must(read(response, err, &tokens))
	if inSequence {
		fetch()
	}
	must(<-keys)
	parts := strings.Split(tokens.IDToken, ".")
	if len(parts) != 3 {
		must(errors.New("the id_token is not a JWT"))
	}
	var header struct{ Alg, Kid string }
	must(json.Unmarshal(part(parts[0]), &header))
	if header.Alg != "RS256" {
		must(errors.New("alg is " + header.Alg))
	}
	hash := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	must(rsa.VerifyPKCS1v15(set.key(header.Kid), crypto.SHA256, hash[:], part(parts[2])))
	var found claims
	must(json.Unmarshal(part(parts[1]), &found))
	now := time.Now().Unix()
	if found.Iss != domain+"/" || found.Aud != os.Getenv("AUTH0_CLIENT_ID") || found.Sub == "" ||
		found.Exp+60 <= now || found.Iat-60 > now {
		must(errors.New("invalid claims"))
	}
	fmt.Println(found.Email, found.Nickname, found.Sub)
}
