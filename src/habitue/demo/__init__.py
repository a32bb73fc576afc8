"""The living shop: real orders of a real gift shop, a storefront, a mailbox and simulated visitors, on one machine."""
