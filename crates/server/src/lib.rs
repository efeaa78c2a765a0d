//! hyper listeners, routing, cookies: wires HTTP to the provider
