DROP TABLE domain_checks;
