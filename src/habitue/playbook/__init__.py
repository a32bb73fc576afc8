"""What the marketer defines, from text to one checked `Playbook`. Pure: no clock, chance, or I/O."""
