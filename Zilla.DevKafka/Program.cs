using Zilla.DevKafka.Hosting;

if (!CommandLine.TryParse(args, out var settings, out var exitCode))
{
    return exitCode;
}

var builder = WebApplication.CreateSlimBuilder();
builder.AddDevKafka(settings); // first: it looks whether an HTTP endpoint was asked for, which the defaults below do on their own
builder.AddServiceDefaults();

var app = builder.Build();
app.MapDefaultEndpoints();
return await app.RunBrokerAsync();
