namespace Zilla.EdgeGrpc.Json;

/// <summary>What cannot be said in the other form, and where: <c>$.items[2].price</c>.</summary>
internal sealed class JsonMappingException(string path, string reason) : Exception($"{path}: {reason}");
