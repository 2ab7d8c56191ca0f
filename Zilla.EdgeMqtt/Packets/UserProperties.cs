namespace Zilla.EdgeMqtt.Packets;

/// <summary>The user properties among the encoded properties of a packet; walking along them allocates nothing.</summary>
internal readonly struct UserProperties(ReadOnlyMemory<byte> encoded)
{
    public Enumerator GetEnumerator() => new(encoded);

    internal ref struct Enumerator(ReadOnlyMemory<byte> encoded)
    {
        private readonly ReadOnlyMemory<byte> _encoded = encoded;
        private PropertyCursor _cursor = new(encoded.Span);

        public readonly (MqttString Name, MqttString Value) Current => (new(_encoded[_cursor.First]), new(_encoded[_cursor.Second]));

        public bool MoveNext()
        {
            while (_cursor.MoveNext())
            {
                if (_cursor.Id == PropertyId.UserProperty)
                {
                    return true;
                }
            }

            return false;
        }
    }
}
