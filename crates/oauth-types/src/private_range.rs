use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Ranges in the order in which they are named when several match. Hydra: the first seven; the
/// others are its omissions, they lead to the machine itself or to a cloud's metadata service.
const RANGES: [(IpAddr, u32, &str); 11] = [
    v4(127, 0, 8, "127.0.0.0/8"),
    v4(10, 0, 8, "10.0.0.0/8"),
    v4(172, 16, 12, "172.16.0.0/12"),
    v4(192, 168, 16, "192.168.0.0/16"),
    v6(
        [0xfd47, 0x1ed0, 0x805d, 0x59f0],
        64,
        "fd47:1ed0:805d:59f0::/64",
    ),
    v6([0xfc00, 0, 0, 0], 7, "fc00::/7"),
    (IpAddr::V6(Ipv6Addr::LOCALHOST), 128, "::1/128"),
    v4(0, 0, 8, "0.0.0.0/8"),
    v4(169, 254, 16, "169.254.0.0/16"),
    (IpAddr::V6(Ipv6Addr::UNSPECIFIED), 128, "::/128"),
    v6([0xfe80, 0, 0, 0], 10, "fe80::/10"),
];

const fn v4(a: u8, b: u8, bits: u32, name: &'static str) -> (IpAddr, u32, &'static str) {
    (IpAddr::V4(Ipv4Addr::new(a, b, 0, 0)), bits, name)
}

const fn v6(head: [u16; 4], bits: u32, name: &'static str) -> (IpAddr, u32, &'static str) {
    let [a, b, c, d] = head;
    (
        IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0)),
        bits,
        name,
    )
}

/// The range of addresses inside a network that an address lies in; `None`: it is a public one.
/// IPv4 addresses written as IPv6 ones (RFC 4291 §2.5.5.2, RFC 6052 §2.1) count as IPv4 addresses.
///
/// ```
/// use oauth_types::private_range;
/// let range = |ip: &str| private_range(ip.parse().unwrap()).map(|(_, range)| range);
/// assert_eq!(range("10.1.2.3"), Some("10.0.0.0/8"));
/// assert_eq!(range("::ffff:127.0.0.1"), Some("127.0.0.0/8"));
/// assert_eq!(range("8.8.8.8"), None);
/// ```
#[must_use]
pub fn private_range(address: IpAddr) -> Option<(IpAddr, &'static str)> {
    let address = plain(address);
    RANGES
        .iter()
        .find(|(network, bits, _)| lies_in(address, *network, *bits))
        .map(|(_, _, name)| (address, *name))
}

fn plain(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else {
        return address;
    };
    let s = v6.segments();
    if s[..6] == [0x64, 0xff9b, 0, 0, 0, 0] {
        let [a, b] = s[6].to_be_bytes();
        let [c, d] = s[7].to_be_bytes();
        return IpAddr::V4(Ipv4Addr::new(a, b, c, d));
    }
    address.to_canonical()
}

fn lies_in(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(n)) => (a.to_bits() ^ n.to_bits()).leading_zeros() >= bits,
        (IpAddr::V6(a), IpAddr::V6(n)) => (a.to_bits() ^ n.to_bits()).leading_zeros() >= bits,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_end_where_they_end() {
        for (address, range) in [
            ("127.255.255.255", Some("127.0.0.0/8")),
            ("128.0.0.0", None),
            ("172.15.255.255", None),
            ("172.16.0.0", Some("172.16.0.0/12")),
            ("172.31.255.255", Some("172.16.0.0/12")),
            ("172.32.0.1", None),
            ("192.168.1.1", Some("192.168.0.0/16")),
            ("192.169.0.1", None),
            ("100.64.0.1", None),
            ("169.254.169.254", Some("169.254.0.0/16")),
            ("0.0.0.0", Some("0.0.0.0/8")),
            ("::", Some("::/128")),
            ("::1", Some("::1/128")),
            ("::2", None),
            ("fd47:1ed0:805d:59f0::1", Some("fd47:1ed0:805d:59f0::/64")),
            ("fd47:1ed0:805d:59f1::1", Some("fc00::/7")),
            ("fe00::1", None),
            ("fe80::1", Some("fe80::/10")),
            ("2001:db8::1", None),
            ("64:ff9b::a00:1", Some("10.0.0.0/8")),
            ("64:ff9b::808:808", None),
        ] {
            let found = private_range(address.parse().unwrap());
            assert_eq!(found.map(|(_, range)| range), range, "{address}");
        }
        let mapped = private_range("::ffff:10.0.0.1".parse().unwrap());
        assert_eq!(
            mapped.unwrap().0.to_string(),
            "10.0.0.1",
            "shown as it counts"
        );
    }
}
