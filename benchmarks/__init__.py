"""What kedge is measured by: speed against peers, long test campaigns and evidence."""
