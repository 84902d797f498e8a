"""porthole: a page that shows what the container it runs in is."""
