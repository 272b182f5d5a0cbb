"""What every act on a contract begins and ends with."""
