"""What a web teaches: defect density and clustering, signatures, and a kit that knows them."""
