// The gRPC edge's place in the suite: it serves nothing yet, and the AppHost does not start it.
var builder = WebApplication.CreateSlimBuilder(args);
builder.AddServiceDefaults();

var app = builder.Build();
app.MapDefaultEndpoints();
await app.RunAsync();
