package main

import (
	"context"
	"net"
	"net/http"
	"net/url"
)

// newTransport leads all requests to the sandbox. With isTLS nothing in them changes: the sandbox has a certificate for
// every host, whose authority SSL_CERT_FILE names, and only the address dialled differs.
func newTransport(sandbox *url.URL, isTLS bool) http.RoundTripper {
	if !isTLS {
		return rerouter{sandbox, http.DefaultTransport}
	}
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, sandbox.Host)
	}
	return &http.Transport{DialContext: dial}
}

// rerouter sends every request to the sandbox, which tells the emulated hosts apart by the Host header. Links that
// already lead to the sandbox go as they are.
type rerouter struct {
	sandbox *url.URL
	inner   http.RoundTripper
}

func (r rerouter) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.URL.Host == r.sandbox.Host {
		return r.inner.RoundTrip(request)
	}
	// A RoundTripper must not change the request it was given.
	rerouted := request.Clone(request.Context())
	if rerouted.Host == "" {
		rerouted.Host = request.URL.Host
	}
	rerouted.URL.Scheme = r.sandbox.Scheme
	rerouted.URL.Host = r.sandbox.Host
	return r.inner.RoundTrip(rerouted)
}
