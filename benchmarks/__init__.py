"""What kedge is measured by: speed against peers, soak and evidence campaigns."""
