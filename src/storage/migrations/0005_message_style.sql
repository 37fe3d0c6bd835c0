-- style: the font that the sender chose, NULL without one.
ALTER TABLE message ADD COLUMN style BLOB;
ALTER TABLE room_message ADD COLUMN style BLOB;
